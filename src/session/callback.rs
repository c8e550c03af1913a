//! Answering the callback: once, and with a sign-in that was started here.

use std::time::Duration;

use super::error::{AuthError, Step};
use super::state::SignedIn;
use super::{Client, keys, record};
use crate::http::Transport;
use crate::oauth::authorize::{PendingSignIn, safe_return_to};
use crate::oauth::callback::{Callback, Code};
use crate::oauth::id_token::validate;
use crate::oauth::tokens::{code_request, parse_token_response};
use crate::store::Store;

/// A sign-in that was started longer ago is not completed: nobody waits that long on the hosted UI.
const PENDING_LIFETIME: Duration = Duration::from_hours(1);

/// A sign-in that reached its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedSignIn {
    /// Who signed in.
    pub signed_in: SignedIn,
    /// Where on this site the person was when it started: a path.
    pub return_to: String,
    /// Whether the session could be kept; if not, it ends with this page.
    pub kept: bool,
}

impl<T: Transport, S: Store> Client<T, S> {
    /// Answers what came back to the callback address. The waiting sign-in is taken before anything is
    /// sent, so a second call with the same callback sends nothing.
    ///
    /// # Errors
    /// [`AuthError`] with the first thing that failed. Nobody is signed in then.
    pub async fn complete_sign_in(&self, callback: Callback) -> Result<CompletedSignIn, AuthError> {
        let (code, pending) = match callback {
            Callback::Code { code, state } => (code, self.take_pending(&state)?),
            Callback::Refused {
                error,
                description,
                state,
            } => {
                if let Some(state) = state {
                    let _ = self.pending.remove(&keys::pending(&state));
                }
                return Err(AuthError::SignInRefused { error, description });
            }
        };
        let signed_in = self.exchange(&code, &pending).await?;
        let kept = record::save(&self.sessions, &self.config.user_pool, &signed_in).is_ok();
        Ok(CompletedSignIn {
            signed_in,
            return_to: safe_return_to(&pending.return_to).to_owned(),
            kept,
        })
    }

    fn take_pending(&self, state: &str) -> Result<PendingSignIn, AuthError> {
        let key = keys::pending(state);
        let text = self.pending.get(&key)?.ok_or(AuthError::StateUnknown)?;
        self.pending.remove(&key)?;
        let pending = PendingSignIn::read(&text).ok_or(AuthError::StateUnknown)?;
        if pending.state != state || (self.now)().since(pending.created) > PENDING_LIFETIME {
            return Err(AuthError::StateUnknown);
        }
        if pending.issuer != self.config.user_pool.issuer {
            return Err(AuthError::OtherIssuer(pending.issuer));
        }
        Ok(pending)
    }

    async fn exchange(&self, code: &Code, pending: &PendingSignIn) -> Result<SignedIn, AuthError> {
        let user_pool = &self.config.user_pool;
        let response = self
            .transport
            .send(code_request(user_pool, pending, code))
            .await
            .map_err(|source| AuthError::Transport {
                during: Step::TokenEndpoint,
                source,
            })?;
        let signed_in = SignedIn::new(parse_token_response(&response)?)?;
        validate(&signed_in.claims, user_pool, &pending.nonce, (self.now)())?;
        Ok(signed_in)
    }
}
