//! What waits in storage for the way back from the provider: sign-ins, and the page that adds a passkey. Each is removed
//! before it is used, so that a callback is handled once.
//!
//! A record belongs to the browser that started the sign-in. This binds the callback to that browser (RFC 6749, section
//! 10.12).

use std::rc::Rc;

use super::context::Context;
use super::error::AuthError;
use super::keys;
use crate::config::is_same_issuer;
use crate::host::Host;
use crate::http::Transport;
use crate::json;
use crate::oauth::authorize::{PendingSignIn, safe_return_to};
use crate::store::{Store, StoreError};
use crate::time::Timestamp;

/// An authorization code is valid for five minutes, and the form of the hosted UI not much longer.
const LIFETIME_SECONDS: u64 = 15 * 60;

/// Sign-ins that have begun and are not completed.
/// In `sessionStorage`, whatever the mode of the session is.
pub(super) struct Pending<T, S, H> {
    context: Rc<Context<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> Pending<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self { context }
    }

    /// It outlives the page load, unlike the store of sessions in `memory` mode.
    fn store(&self) -> &S {
        &self.context.ports.pending
    }

    /// Stores a sign-in under its `state`. Fails where the browser stores nothing.
    pub(super) fn save(&self, pending: &PendingSignIn) -> Result<(), AuthError> {
        let text = serde_json::to_string(pending).map_err(|_| StoreError::Full)?;
        Ok(self.store().set(&keys::pending(&pending.state), &text)?)
    }

    /// The sign-in that was started with this `state`, and is for the issuer of the configuration and of the callback.
    pub(super) fn take(
        &self,
        state: &str,
        issuer: Option<String>,
    ) -> Result<PendingSignIn, AuthError> {
        let key = keys::pending(state);
        let text = self.store().get(&key)?.ok_or(AuthError::StateUnknown)?;
        self.store().remove(&key)?;
        let pending = PendingSignIn::read(&text).ok_or(AuthError::StateUnknown)?;
        if pending.state != state || self.is_stale(pending.created) {
            return Err(AuthError::StateUnknown);
        }
        if !is_same_issuer(&pending.issuer, &self.context.config.provider.issuer) {
            return Err(AuthError::OtherIssuer(pending.issuer));
        }
        match issuer {
            Some(issuer) if issuer != pending.issuer => Err(AuthError::OtherIssuer(issuer)),
            _ => Ok(pending),
        }
    }

    /// Stores where the user was, until the page that adds a passkey returns.
    pub(super) fn save_passkey(&self, return_to: &str) -> Result<(), AuthError> {
        let created = self.context.device_time().0;
        let record = json::record([
            ("return_to", safe_return_to(return_to).into()),
            ("created", created.into()),
        ]);
        Ok(self.store().set(keys::PASSKEY, &json::write(&record))?)
    }

    /// Where the user was when the page that adds a passkey was opened. Its way back carries no `state`: unless this tab
    /// opened that page, it means nothing.
    pub(super) fn take_passkey(&self) -> Result<String, AuthError> {
        let text = self.store().get(keys::PASSKEY)?;
        self.store().remove(keys::PASSKEY)?;
        let record = text.as_deref().and_then(json::object);
        let record = record.ok_or(AuthError::StateUnknown)?;
        let created = json::time(&record, "created").ok_or(AuthError::StateUnknown)?;
        if self.is_stale(created) {
            return Err(AuthError::StateUnknown);
        }
        let return_to = json::text(&record, "return_to").unwrap_or_default();
        Ok(safe_return_to(&return_to).to_owned())
    }

    /// Removes sign-ins that will not be completed any more.
    pub(super) fn sweep(&self) {
        let keys = self.store().keys().unwrap_or_default();
        for key in keys.iter().filter(|key| key.starts_with(keys::PENDING)) {
            let record = self.store().get(key).ok().flatten();
            let pending = record.as_deref().and_then(PendingSignIn::read);
            if pending.is_none_or(|pending| self.is_stale(pending.created)) {
                let _ = self.store().remove(key);
            }
        }
    }

    /// A start as far in the future counts as stale too: the clock was changed.
    fn is_stale(&self, created: Timestamp) -> bool {
        let age = self.context.device_time().seconds_from(created);
        age.unsigned_abs() > LIFETIME_SECONDS
    }
}
