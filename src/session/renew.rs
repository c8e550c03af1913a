//! Renewing the tokens with the refresh token (RFC 6749, section 6).

use std::time::Duration;

use super::error::{AuthError, Step};
use super::state::SignedIn;
use super::{Client, record};
use crate::http::Transport;
use crate::oauth::id_token::validate_renewed;
use crate::oauth::tokens::{Tokens, parse_token_response, refresh_request};
use crate::store::Store;

/// Tokens this near to their expiry are renewed before they are used.
const RENEWAL_MARGIN: Duration = Duration::from_mins(1);

impl<T: Transport, S: Store> Client<T, S> {
    /// Whether the tokens must be renewed before they are used.
    pub fn needs_renewal(&self, signed_in: &SignedIn) -> bool {
        (self.now)().plus(RENEWAL_MARGIN) >= signed_in.claims.exp
    }

    /// Trades the refresh token for new tokens and keeps them. When the answer brings a new refresh token it
    /// replaces the old one; when it brings none, rotation is off and the old one stays.
    ///
    /// # Errors
    /// [`AuthError::SessionExpired`] when there is no refresh token; otherwise what the network, the token
    /// endpoint or the check of the new ID token said. The kept session is discarded only when the refresh
    /// token is of no more use.
    pub async fn renew(&self, signed_in: &SignedIn) -> Result<SignedIn, AuthError> {
        let user_pool = &self.config.user_pool;
        let refresh_token = signed_in
            .tokens
            .refresh_token
            .as_ref()
            .ok_or(AuthError::SessionExpired)?;
        let response = self
            .transport
            .send(refresh_request(user_pool, refresh_token))
            .await
            .map_err(|source| AuthError::Transport {
                during: Step::TokenEndpoint,
                source,
            })?;
        let tokens = parse_token_response(&response).inspect_err(|error| {
            if AuthError::Token(error.clone()).needs_sign_in() {
                record::discard(&self.sessions);
            }
        })?;
        let refresh_token = tokens.refresh_token.or_else(|| Some(refresh_token.clone()));
        let renewed = SignedIn::new(Tokens {
            refresh_token,
            ..tokens
        })?;
        validate_renewed(&renewed.claims, user_pool, &signed_in.claims, (self.now)())?;
        // A session that cannot be kept still holds until the page goes.
        let _ = record::save(&self.sessions, user_pool, &renewed);
        Ok(renewed)
    }
}
