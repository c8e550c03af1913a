//! Taking up the session that the last page load left. Nothing is sent here: a page with a live session
//! is usable at once.

use super::state::{SignedIn, SignedOutReason};
use super::{Client, record};
use crate::http::Transport;
use crate::store::Store;

/// What the last page load left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// A session that still holds.
    Live(Box<SignedIn>),
    /// A session whose tokens have expired but can be renewed.
    NeedsRenewal(Box<SignedIn>),
    /// None.
    SignedOut(SignedOutReason),
}

impl<T: Transport, S: Store> Client<T, S> {
    /// Looks for a kept session.
    pub fn restore(&self) -> Restored {
        let Some(signed_in) = record::load(&self.sessions, &self.config.user_pool) else {
            return Restored::SignedOut(SignedOutReason::NotSignedIn);
        };
        if (self.now)() < signed_in.claims.exp {
            Restored::Live(Box::new(signed_in))
        } else if signed_in.tokens.refresh_token.is_some() {
            Restored::NeedsRenewal(Box::new(signed_in))
        } else {
            record::discard(&self.sessions);
            Restored::SignedOut(SignedOutReason::Expired)
        }
    }
}
