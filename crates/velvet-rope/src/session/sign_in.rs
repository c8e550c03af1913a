//! Signing in: the way to the hosted UI, and its callback, which is handled once and only for a sign-in that was started
//! here.
//!
//! It implements the authorization code grant with PKCE (RFC 6749, section 4.1; RFC 7636) and the checks of OpenID
//! Connect Core, section 3.1.3.

use std::rc::Rc;

use super::context::Context;
use super::error::AuthError;
use super::error::Step;
use super::event::EventKind;
use super::idle::Idle;
use super::keys;
use super::pending::Pending;
use super::provider::ProviderMetadata;
use super::session_store::SessionStore;
use super::state::Session;
use super::state::SignedIn;
use super::state::first_expiry;
use super::tabs::Tabs;
use crate::host::Host;
use crate::http::Transport;
use crate::oauth::authorize::{
    AuthorizeRequest, Entropy, PendingSignIn, Start, authorize, passkey_url, safe_return_to,
};
use crate::oauth::callback::{AuthorizeError, Callback, Code, PasskeyResult};
use crate::oauth::id_token::validate;
use crate::oauth::options::SignInOptions;
use crate::oauth::tokens::{Tokens, code_request, parse_token_response};
use crate::store::Store;

/// The result of a callback. Each leads back to `return_to`, a path on this site.
///
/// Returned by [`Client::complete_sign_in`](super::Client::complete_sign_in). The caller navigates to `return_to`, in
/// place of the callback page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completed {
    /// The user signed in.
    SignedIn {
        /// The page that the sign-in was started from.
        return_to: String,
    },
    /// The provider had no session to resume.
    /// Only after a silent sign-in. The previous state has to be restored.
    NotSignedIn {
        /// The page that the sign-in was started from.
        return_to: String,
    },
    /// The hosted page that adds a passkey came back.
    Passkey {
        /// Whether a passkey was added.
        result: PasskeyResult,
        /// The page that it was opened from.
        return_to: String,
    },
}

/// Sign-in and callback.
pub(super) struct SignIn<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    provider: Rc<ProviderMetadata<T, S, H>>,
    idle: Rc<Idle<T, S, H>>,
    pending: Pending<T, S, H>,
}

impl<T: Transport, S: Store, H: Host> SignIn<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        provider: Rc<ProviderMetadata<T, S, H>>,
        idle: Rc<Idle<T, S, H>>,
    ) -> Self {
        let pending = Pending::new(Rc::clone(&context));
        Self {
            context,
            store,
            tabs,
            provider,
            idle,
            pending,
        }
    }

    /// Removes sign-ins that will not be completed any more.
    pub(super) fn sweep(&self) {
        self.pending.sweep();
    }

    /// Starts a sign-in and returns the address of the hosted UI.
    pub(super) async fn begin(
        &self,
        return_to: &str,
        options: &SignInOptions,
        entropy: Entropy,
    ) -> Result<String, AuthError> {
        self.sweep();
        let subject = match (options.step_up, self.store.signed_in()) {
            (true, None) => return Err(AuthError::SignInRequired),
            (true, Some(signed_in)) => Some(signed_in.claims.sub),
            (false, _) => None,
        };
        let endpoints = self.provider.endpoints().await?;
        let start = Start {
            origin: &self.context.origin,
            return_to,
            subject: subject.as_deref(),
            now: self.context.device_time(),
        };
        let provider = &self.context.config.provider;
        let AuthorizeRequest { url, pending } =
            authorize(provider, &endpoints, start, options, entropy);
        self.pending.save(&pending)?;
        let _ = self.context.ports.pending.remove(keys::SIGN_OUT);
        Ok(url)
    }

    /// Returns the address of the hosted page that adds a passkey.
    pub(super) fn begin_passkey(&self, return_to: &str) -> Result<String, AuthError> {
        self.store.signed_in().ok_or(AuthError::SignInRequired)?;
        let url = passkey_url(&self.context.config.provider, &self.context.origin);
        let url = url.ok_or(AuthError::NoPasskeys)?;
        self.pending.save_passkey(return_to)?;
        Ok(url)
    }

    /// Handles a callback. The pending sign-in is removed before anything is sent, so a second call with the same
    /// callback sends nothing.
    pub(super) async fn complete(&self, callback: Callback) -> Result<Completed, AuthError> {
        let (code, pending) = match callback {
            Callback::Code {
                code,
                state,
                issuer,
            } => (code, self.pending.take(&state, issuer)?),
            Callback::Passkey(result) => {
                let return_to = self.pending.take_passkey()?;
                return Ok(Completed::Passkey { result, return_to });
            }
            Callback::Refused {
                error,
                description,
                state,
            } => return self.refused(error, description, state.as_deref()),
        };
        self.store.set(Session::SigningIn);
        let signed_in = self.exchange(&code, &pending).await?;
        self.idle.restart();
        self.store.begin(&signed_in);
        self.tabs.broadcast_session(&signed_in);
        self.tabs.claim().await;
        self.context.emit(EventKind::SignedIn(signed_in.user()));
        Ok(Completed::SignedIn {
            return_to: safe_return_to(&pending.return_to).to_owned(),
        })
    }

    /// A refusal without a known `state` is reported, and leaves pending sign-ins in place.
    fn refused(
        &self,
        error: AuthorizeError,
        description: Option<String>,
        state: Option<&str>,
    ) -> Result<Completed, AuthError> {
        let pending = state.and_then(|state| self.pending.take(state, None).ok());
        match pending {
            // The provider was not to show a form, and would have needed one: that is an answer, not a failure.
            Some(pending) if pending.is_silent() && error.requires_interaction() => {
                Ok(Completed::NotSignedIn {
                    return_to: safe_return_to(&pending.return_to).to_owned(),
                })
            }
            _ => Err(AuthError::SignInRefused { error, description }),
        }
    }

    /// Exchanges the code for tokens and validates them. The provider's keys are requested at the same time.
    async fn exchange(&self, code: &Code, pending: &PendingSignIn) -> Result<SignedIn, AuthError> {
        let provider = &self.context.config.provider;
        let endpoints = self.provider.endpoints().await?;
        let request = code_request(provider, &endpoints, pending, code);
        let (response, ()) = futures::join!(
            self.context.send(request, Step::TokenEndpoint),
            self.provider.prefetch_keys()
        );
        let mut response = response?;
        if let Some(moved) = self.provider.moved(&response, &endpoints).await {
            let request = code_request(provider, &moved, pending, code);
            response = self.context.send(request, Step::TokenEndpoint).await?;
        }
        let answer = parse_token_response(&response)?;
        let id = pending.state.clone();
        let now = self.context.now();
        let mut signed_in = SignedIn::new(id, answer.tokens, answer.expires_in, now)?;
        let claims = &signed_in.claims;
        let Tokens {
            id_token,
            access_token,
            ..
        } = &signed_in.tokens;
        self.provider.verify(id_token, access_token, claims).await?;
        // The token's own time is learned only once the token is accepted: its nonce shows that it was issued for this
        // sign-in.
        let date_is_known = self.context.learn_from(&response);
        let offset = self.context.offset_for_token(date_is_known, claims.iat);
        let started = pending.created.shifted(offset);
        let now = self.context.device_time().shifted(offset);
        validate(claims, provider, pending, started, now)?;
        self.context.share_offset(Some(offset));
        signed_in.expires = first_expiry(claims, answer.expires_in, now);
        Ok(signed_in)
    }
}
