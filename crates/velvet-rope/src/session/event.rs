//! What happened to the session, as it is told to whoever listens.

use super::error::AuthError;
use super::state::{SignedOutReason, User};
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, as far as the time is known.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody signed in, here or in another tab.
    SignedIn(User),
    /// Nobody is signed in any more.
    SignedOut(SignedOutReason),
    /// There are new tokens.
    TokenRenewed {
        /// Whether this tab fetched them.
        here: bool,
        /// When the first of them stops to be valid.
        expires: Timestamp,
    },
    /// New tokens could not be had. The session holds on.
    RenewalFailed {
        /// Why.
        error: AuthError,
        /// When it is tried again, by this device's clock; `None` when it will not be.
        retry_at: Option<Timestamp>,
    },
    /// There are new AWS credentials.
    CredentialsRenewed {
        /// When they stop to work.
        expiration: Timestamp,
    },
    /// Another role was chosen, or the pool's own choice again.
    RoleChanged(Option<String>),
    /// This device's clock turned out to be wrong, or right again.
    ClockCorrected {
        /// What has to be added to it, in seconds.
        offset_seconds: i64,
    },
    /// The session is about to end.
    SessionExpiring {
        /// When, as far as the time is known.
        at: Timestamp,
    },
}

/// What whoever watches a client is told.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// The session is another one now, or has other tokens.
    Session(&'a super::state::Session),
    /// Something happened.
    Event(&'a Event),
}
