//! Taking up the session that the last page load left, or that another tab has. A page with a live session sends
//! nothing: it is usable at once.

use super::error::AuthError;
use super::sign_out::SignOutScope;
use super::state::{Session, SignedOutReason};
use super::{Client, keys, record};
use crate::config::StorageKind;
use crate::host::Host;
use crate::http::Transport;
use crate::oauth::authorize::{Entropy, PendingSignIn};
use crate::oauth::options::SignInOptions;
use crate::store::Store;
use crate::time::Timestamp;

/// How far a restoration got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is known who is signed in, or that nobody is.
    Done,
    /// [`Client::finish_restoring`] has to ask other tabs or the provider.
    Unfinished,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Looks for a kept session, without asking anybody.
    pub fn restore(&self) -> Restored {
        self.sweep();
        let Some(signed_in) = record::load(&self.sessions, &self.config.provider) else {
            self.set_session(Session::Restoring(None));
            return Restored::Unfinished;
        };
        self.renewal.keep_note(&signed_in);
        if self.has_ended(&signed_in.id) {
            self.set_session(Session::Restoring(Some(Box::new(signed_in))));
            self.forget(SignedOutReason::SignedOut);
            return Restored::Done;
        }
        if self.was_left_alone() {
            self.set_session(Session::Restoring(Some(Box::new(signed_in))));
            return Restored::Unfinished;
        }
        self.rest_from_now();
        if self.now() < signed_in.expires {
            self.begin(&signed_in);
            Restored::Done
        } else if signed_in.tokens.refresh_token.is_some() {
            self.set_session(Session::Restoring(Some(Box::new(signed_in))));
            Restored::Unfinished
        } else {
            self.forget(SignedOutReason::Expired);
            Restored::Done
        }
    }

    /// Asks whoever can know: the provider to renew a kept session, the other tabs for theirs. Where nothing is
    /// kept and somebody was signed in, `entropy` serves to take up the provider's own session and to come back to
    /// `return_to`. Answers the address to leave for, if there is one.
    pub async fn finish_restoring(
        &self,
        return_to: &str,
        entropy: Option<Entropy>,
    ) -> Option<String> {
        if self.signed_in().is_some() && self.was_left_alone() {
            return self.sign_out(SignOutScope::Idle).await;
        }
        if let Some(kept) = self.signed_in() {
            let _ = self.renew(&kept).await;
            // Whoever cannot reach the provider is not signed out by that.
            if let Session::Restoring(Some(signed_in)) = self.session() {
                self.begin(&signed_in);
            }
        } else if matches!(self.session(), Session::Restoring(_)) && !self.ask_other_tabs().await {
            return self.resume(return_to, entropy).await;
        }
        self.claim().await;
        None
    }

    async fn resume(&self, return_to: &str, entropy: Option<Entropy>) -> Option<String> {
        let nobody = Session::SignedOut(SignedOutReason::NotSignedIn);
        let memory = self.config.session.storage == StorageKind::Memory;
        let was_signed_in = self.pending.get(keys::WAS_SIGNED_IN).ok().flatten();
        let (true, Some(_), Some(entropy)) = (memory, was_signed_in, entropy) else {
            self.set_session(nobody);
            return None;
        };
        // Only once: if it leads nowhere, the next page load does not try again.
        let _ = self.pending.remove(keys::WAS_SIGNED_IN);
        if self.was_left_alone() {
            self.set_session(Session::SignedOut(SignedOutReason::Idle));
            return None;
        }
        let options = SignInOptions::silent();
        match self.begin_sign_in(return_to, &options, entropy).await {
            Ok(url) => Some(url),
            Err(error) => {
                self.set_session(Session::SignedOut(SignedOutReason::Failed(error)));
                None
            }
        }
    }

    /// Takes the session up again after something failed.
    ///
    /// # Errors
    /// Why the tokens of a session that needs new ones could not be renewed.
    pub async fn retry(&self) -> Result<(), AuthError> {
        self.renewal.reset();
        if self.signed_in().is_some() {
            return self.fresh().await.map(|_| ());
        }
        if self.restore() == Restored::Unfinished {
            self.finish_restoring("/", None).await;
        }
        Ok(())
    }

    /// Shows the other tabs what this one holds, and tells those that ask in vain.
    pub async fn announce(&self) {
        self.claim().await;
        if let Some(signed_in) = self.signed_in() {
            self.broadcast_session(&signed_in);
        }
    }

    /// The browser is about to leave for the provider.
    pub fn leaving(&self) {
        self.set_session(Session::SigningIn);
    }

    /// A sign-in did not begin. Whoever is signed in still is.
    pub fn fail(&self, error: AuthError) {
        if self.signed_in().is_none() {
            self.set_session(Session::SignedOut(SignedOutReason::Failed(error)));
        }
    }

    /// A callback failed. It says nothing about a session that was there before it: anybody can make a browser
    /// open such an address.
    pub async fn recover(&self, error: AuthError) {
        if self.restore() == Restored::Unfinished {
            self.finish_restoring("/", None).await;
        } else {
            self.claim().await;
        }
        self.fail(error);
    }

    /// Throws away sign-ins that nobody will complete any more.
    pub(super) fn sweep(&self) {
        let kept = self.pending.keys().unwrap_or_default();
        for key in kept.iter().filter(|key| key.starts_with(keys::PENDING)) {
            let record = self.pending.get(key).ok().flatten();
            let pending = record.as_deref().and_then(PendingSignIn::read);
            if pending.is_none_or(|pending| is_stale(pending.created, self.host.now())) {
                let _ = self.pending.remove(key);
            }
        }
    }
}

/// Nobody waits that long on the hosted UI: its code lives five minutes, and its form not much longer.
pub(super) fn is_stale(created: Timestamp, now: Timestamp) -> bool {
    now.seconds_from(created).unsigned_abs() > 15 * 60
}
