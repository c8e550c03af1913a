//! Restoring the session that the last page load stored, or that another tab has. A page with a valid session sends
//! nothing: it is usable at once.
//!
//! The order is: storage, other tabs, the provider. Each is asked only if the one before has no session.

use std::rc::Rc;

use super::context::Context;
use super::error::AuthError;
use super::idle::Idle;
use super::keys;
use super::renewal::Renewal;
use super::session_store::SessionStore;
use super::sign_in::SignIn;
use super::sign_out::SignOut;
use super::sign_out::SignOutScope;
use super::state::Session;
use super::state::SignedOutReason;
use super::tabs::Tabs;
use crate::config::StorageKind;
use crate::host::Host;
use crate::http::Transport;
use crate::oauth::authorize::Entropy;
use crate::oauth::options::SignInOptions;
use crate::store::Store;

/// The result of looking for a stored session.
///
/// The state at that moment is [`Session::Restoring`] for [`Unfinished`](Self::Unfinished).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is known whether a user is signed in.
    Done,
    /// [`Client::finish_restoring`](super::Client::finish_restoring) has to ask other tabs or the provider.
    Unfinished,
}

/// Restores the session.
/// It has no state of its own.
pub(super) struct Restore<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    idle: Rc<Idle<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    sign_in: Rc<SignIn<T, S, H>>,
    sign_out: Rc<SignOut<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> Restore<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        idle: Rc<Idle<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        renewal: Rc<Renewal<T, S, H>>,
        sign_in: Rc<SignIn<T, S, H>>,
        sign_out: Rc<SignOut<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            idle,
            tabs,
            renewal,
            sign_in,
            sign_out,
        }
    }

    /// Looks for a stored session without sending anything.
    pub(super) fn look_in_storage(&self) -> Restored {
        self.sign_in.sweep();
        let Some(signed_in) = self.store.stored() else {
            self.store.set(Session::Restoring(None));
            return Restored::Unfinished;
        };
        let restoring = || Session::Restoring(Some(Box::new(signed_in.clone())));
        self.store.remember_note_of(&signed_in);
        if self.store.has_ended(&signed_in.id) {
            self.store.set(restoring());
            self.store.forget(SignedOutReason::SignedOut);
            return Restored::Done;
        }
        if self.idle.expired_while_closed() {
            self.store.set(restoring());
            return Restored::Unfinished;
        }
        self.idle.restart();
        if self.context.now() < signed_in.expires {
            self.store.begin(&signed_in);
            Restored::Done
        } else if signed_in.tokens.refresh_token.is_some() {
            self.store.set(restoring());
            Restored::Unfinished
        } else {
            self.store.forget(SignedOutReason::Expired);
            Restored::Done
        }
    }

    /// Signs a guest out without asking the provider or other tabs: nothing of a session or of a sign-in is stored, and no
    /// other tab has a session. Whether that was so.
    pub(super) async fn finish_as_guest(&self) -> bool {
        if self.has_traces() || !self.context.ports.host.claims().await.is_empty() {
            return false;
        }
        // Another tab may have sent a session meanwhile.
        if matches!(self.store.session(), Session::Restoring(None)) {
            self.signed_out(SignedOutReason::NotSignedIn);
        }
        true
    }

    /// Whether the storage has a session, a sign-in that was not completed, or a sign of a session to resume.
    fn has_traces(&self) -> bool {
        let ports = &self.context.ports;
        let session = ports.sessions.get(keys::SESSION).ok().flatten();
        let pending = ports.pending.keys().unwrap_or_default();
        let mut pending = pending.iter();
        session.is_some() || pending.any(|key| key.starts_with(keys::PENDING)) || self.may_resume()
    }

    /// Whether the provider may have a session to resume: only in `memory` mode, after a sign-in in this tab.
    fn may_resume(&self) -> bool {
        let memory = self.context.config.session.storage == StorageKind::Memory;
        let pending = &self.context.ports.pending;
        memory && pending.get(keys::WAS_SIGNED_IN).ok().flatten().is_some()
    }

    /// Asks the provider to renew a stored session, or the other tabs for theirs, or resumes the provider's session.
    /// Returns the address to open, if there is one.
    pub(super) async fn finish(&self, return_to: &str, entropy: Option<Entropy>) -> Option<String> {
        let stored = self.store.signed_in();
        if stored.is_some() && self.idle.expired_while_closed() {
            return self.sign_out.sign_out(SignOutScope::Idle).await;
        }
        if let Some(stored) = stored {
            let _ = self.renewal.renew(&stored).await;
            // A provider that cannot be reached does not sign the user out.
            if let Session::Restoring(Some(signed_in)) = self.store.session() {
                self.store.begin(&signed_in);
            }
        } else if matches!(self.store.session(), Session::Restoring(None))
            && !self.tabs.request_session().await
        {
            return self.resume(return_to, entropy).await;
        }
        self.tabs.claim().await;
        None
    }

    /// In `memory` mode, resumes the provider's own session without a form.
    /// Returns the address of a silent sign-in (`prompt=none`).
    async fn resume(&self, return_to: &str, entropy: Option<Entropy>) -> Option<String> {
        let (true, Some(entropy)) = (self.may_resume(), entropy) else {
            self.signed_out(SignedOutReason::NotSignedIn);
            return None;
        };
        // Only once: if it fails, the next page load does not try again.
        let _ = self.context.ports.pending.remove(keys::WAS_SIGNED_IN);
        if self.idle.expired_while_closed() {
            self.signed_out(SignedOutReason::Idle);
            return None;
        }
        let options = SignInOptions::silent();
        match self.sign_in.begin(return_to, &options, entropy).await {
            Ok(url) => Some(url),
            Err(error) => {
                self.signed_out(SignedOutReason::Failed(error));
                None
            }
        }
    }

    /// Restores the session, or renews its tokens, after a failure.
    pub(super) async fn retry(&self) -> Result<(), AuthError> {
        self.renewal.reset();
        if self.store.signed_in().is_some() {
            return self.renewal.fresh().await.map(|_| ());
        }
        if self.look_in_storage() == Restored::Unfinished {
            self.finish("/", None).await;
        }
        Ok(())
    }

    /// Restores the session that there was before a callback that failed.
    pub(super) async fn recover(&self, error: AuthError) {
        if self.look_in_storage() == Restored::Unfinished {
            self.finish("/", None).await;
        } else {
            self.tabs.claim().await;
        }
        self.fail(error);
    }

    /// Shows that a sign-in failed, unless a user is signed in.
    pub(super) fn fail(&self, error: AuthError) {
        if self.store.signed_in().is_none() {
            self.signed_out(SignedOutReason::Failed(error));
        }
    }

    /// There was no session, so there is nothing to forget and no event.
    fn signed_out(&self, reason: SignedOutReason) {
        self.store.set(Session::SignedOut(reason));
    }
}
