//! Answering the callback: once, and with a sign-in that was started here.

use super::error::{AuthError, Step};
use super::event::EventKind;
use super::restore::is_stale;
use super::state::{Session, SignedIn};
use super::{Client, keys};
use crate::config::is_same_issuer;
use crate::host::Host;
use crate::http::Transport;
use crate::json;
use crate::oauth::authorize::{PendingSignIn, safe_return_to};
use crate::oauth::callback::{AuthorizeError, Callback, Code, PasskeyResult};
use crate::oauth::id_token::validate;
use crate::oauth::tokens::{code_request, parse_token_response};
use crate::store::Store;

/// What came of a callback. Each way back leads to `return_to`, a path on this site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completed {
    /// Somebody signed in.
    SignedIn {
        /// Where the person was.
        return_to: String,
    },
    /// There was no session at the provider to take up.
    NotSignedIn {
        /// Where the person was.
        return_to: String,
    },
    /// The page that adds a passkey came back.
    Passkey {
        /// How it went.
        result: PasskeyResult,
        /// Where the person was.
        return_to: String,
    },
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Answers what came back to the callback address. The waiting sign-in is taken before anything is
    /// sent, so a second call with the same callback sends nothing.
    ///
    /// # Errors
    /// [`AuthError`] with the first thing that failed. Whoever was signed in before still is, but
    /// [`Client::restore`] has to be asked who that is.
    pub async fn complete_sign_in(&self, callback: Callback) -> Result<Completed, AuthError> {
        let (code, pending) = match callback {
            Callback::Code {
                code,
                state,
                issuer,
            } => (code, self.take_pending(&state, issuer)?),
            Callback::Passkey(result) => return self.complete_passkey(result),
            Callback::Refused {
                error,
                description,
                state,
            } => return self.refused(error, description, state.as_deref()),
        };
        self.set_session(Session::SigningIn);
        let signed_in = self.exchange(&code, &pending).await?;
        self.credentials.forget();
        self.renewal.reset();
        self.rest_from_now();
        self.begin(&signed_in);
        self.broadcast_session(&signed_in);
        self.claim().await;
        self.emit(EventKind::SignedIn(signed_in.user()));
        Ok(Completed::SignedIn {
            return_to: safe_return_to(&pending.return_to).to_owned(),
        })
    }

    fn take_pending(
        &self,
        state: &str,
        issuer: Option<String>,
    ) -> Result<PendingSignIn, AuthError> {
        let key = keys::pending(state);
        let text = self.pending.get(&key)?.ok_or(AuthError::StateUnknown)?;
        self.pending.remove(&key)?;
        let pending = PendingSignIn::read(&text).ok_or(AuthError::StateUnknown)?;
        if pending.state != state || is_stale(pending.created, self.host.now()) {
            return Err(AuthError::StateUnknown);
        }
        if !is_same_issuer(&pending.issuer, &self.config.provider.issuer) {
            return Err(AuthError::OtherIssuer(pending.issuer));
        }
        match issuer {
            Some(issuer) if issuer != pending.issuer => Err(AuthError::OtherIssuer(issuer)),
            _ => Ok(pending),
        }
    }

    fn refused(
        &self,
        error: AuthorizeError,
        description: Option<String>,
        state: Option<&str>,
    ) -> Result<Completed, AuthError> {
        let pending = state.and_then(|state| self.take_pending(state, None).ok());
        match pending {
            // Nobody was to be asked, and nobody was: that is an answer, not a failure.
            Some(pending) if pending.is_silent() && error.wants_a_person() => {
                Ok(Completed::NotSignedIn {
                    return_to: safe_return_to(&pending.return_to).to_owned(),
                })
            }
            _ => Err(AuthError::SignInRefused { error, description }),
        }
    }

    /// Its way back carries no `state`: without a page that was left for it, it means nothing.
    fn complete_passkey(&self, result: PasskeyResult) -> Result<Completed, AuthError> {
        let text = self.pending.get(keys::PASSKEY)?;
        self.pending.remove(keys::PASSKEY)?;
        let record = text.as_deref().and_then(json::object);
        let record = record.ok_or(AuthError::StateUnknown)?;
        let created = json::time(&record, "created").ok_or(AuthError::StateUnknown)?;
        if is_stale(created, self.host.now()) {
            return Err(AuthError::StateUnknown);
        }
        let return_to = json::text(&record, "return_to").unwrap_or_default();
        Ok(Completed::Passkey {
            result,
            return_to: safe_return_to(&return_to).to_owned(),
        })
    }

    /// The keys are fetched beside the tokens, not after them.
    async fn exchange(&self, code: &Code, pending: &PendingSignIn) -> Result<SignedIn, AuthError> {
        let provider = &self.config.provider;
        let endpoints = self.endpoints().await?;
        let request = code_request(provider, &endpoints, pending, code);
        let (response, ()) =
            futures::join!(self.ask(request, Step::TokenEndpoint), self.prefetch_keys());
        let response = response?;
        let answer = parse_token_response(&response)?;
        let mut signed_in = SignedIn::new(
            pending.state.clone(),
            answer.tokens,
            answer.expires_in,
            self.now(),
        )?;
        self.verify(&signed_in.tokens, &signed_in.claims).await?;
        if !self.learn_from(&response) {
            self.learn_time(signed_in.claims.iat);
        }
        let started = pending.created.shifted(self.offset_seconds());
        validate(&signed_in.claims, provider, pending, started, self.now())?;
        let claims = &signed_in.claims;
        signed_in.expires = super::state::first_expiry(claims, answer.expires_in, self.now());
        Ok(signed_in)
    }
}
