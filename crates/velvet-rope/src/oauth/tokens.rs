//! The token endpoint: a code or a refresh token in, tokens out (RFC 6749, sections 4.1.3, 5 and 6).
//!
//! Requests of a public client carry `client_id` in the body and no client authentication (RFC 6749, section 3.2.1).

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use super::authorize::PendingSignIn;
use super::callback::Code;
use super::discovery::Endpoints;
use super::encoding::form;
use crate::config::Provider;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;
use crate::secret::secret;

secret!(
    /// Says who signed in; what the identity pool takes.
    ///
    /// A JSON Web Token; read and checked by [`id_token`](super::id_token).
    IdToken
);
secret!(
    /// Says what the bearer may do; what bearer routes take.
    ///
    /// Opaque for the app, except for the scopes that a sign-out everywhere needs.
    AccessToken
);
secret!(
    /// Buys new tokens without a new sign-in.
    ///
    /// With rotation it is valid once. The token that is worth most to an attacker: it is never sent to the API.
    RefreshToken
);

/// What the token endpoint hands out.
///
/// `Debug` prints none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The ID token.
    pub id_token: IdToken,
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token; absent on a renewal without rotation.
    /// Without one the session ends with the first of the other two. Many providers issue one only for the scope
    /// `offline_access`.
    pub refresh_token: Option<RefreshToken>,
}

/// The answer to a code: every token that a sign-in needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The tokens.
    pub tokens: Tokens,
    /// The lifetime of the access token, if the answer has one.
    /// In seconds on the wire; from the time of the answer.
    pub expires_in: Option<Duration>,
}

/// The answer to a refresh token. Only the access token is required (OpenID Connect Core, section 12.2): without a new
/// ID token or refresh token, the previous one stays in use.
///
/// Its ID token is not validated yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalResponse {
    /// A new ID token.
    pub id_token: Option<IdToken>,
    /// The new access token.
    pub access_token: AccessToken,
    /// The refresh token that replaces the one that was sent.
    pub refresh_token: Option<RefreshToken>,
    /// The lifetime of the access token, if the answer has one.
    /// Without one, it is taken to be that of the previous ID token.
    pub expires_in: Option<Duration>,
}

/// Why the token endpoint gave no tokens.
///
/// At a sign-in it makes the sign-in fail. At a renewal the variant decides whether the refresh token may have been
/// used: it was certainly not after [`TokenError::Refused`] and after the statuses 429 and 503.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// It answered with an OAuth error (RFC 6749, section 5.2).
    #[error("the token endpoint refused: {error:?}")]
    Refused {
        /// The error code.
        error: TokenErrorCode,
        /// Its own words; Cognito rarely sends any.
        description: Option<String>,
    },
    /// It answered with something that is neither tokens nor an OAuth error.
    /// For example an HTML page of a proxy, or a status of 500 and above.
    #[error("the token endpoint answered {status} with something unexpected")]
    Unexpected {
        /// The status code.
        status: u16,
    },
    /// The answer to a sign-in has no ID token.
    #[error("the token endpoint sent no ID token")]
    NoIdToken,
    /// The access token is not a bearer token; its type, cut to 100 characters.
    #[error("the token endpoint sent an access token of type {0}, expected Bearer")]
    TokenType(String),
}

/// The error codes of the token endpoint.
///
/// RFC 6749, section 5.2. At a renewal only [`InvalidGrant`](Self::InvalidGrant) ends the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenErrorCode {
    /// A parameter is missing or wrong.
    InvalidRequest,
    /// No such client, or it has a secret.
    /// This client has none to send.
    InvalidClient,
    /// The code or the refresh token is used, expired, revoked or not this client's.
    InvalidGrant,
    /// The client may not use this grant, or the redirect URI differs.
    UnauthorizedClient,
    /// The endpoint does not know this grant.
    UnsupportedGrantType,
    /// Any other code.
    /// Cut to 100 characters.
    Unknown(String),
}

impl TokenErrorCode {
    /// Codes are case-sensitive.
    fn from_code(code: &str) -> Self {
        match code {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            other => Self::Unknown(other.chars().take(100).collect()),
        }
    }
}

/// The request that trades an authorization code for tokens. It carries no header that a browser would
/// have to ask permission for, so it costs one round trip and not two.
///
/// A code is valid once and for five minutes (Amazon Cognito Developer Guide, "Token endpoint"). Do not repeat a request
/// that may have been processed: a second use of a code is an error, and may revoke the tokens of the first (RFC 6749,
/// section 4.1.2).
#[must_use]
pub fn code_request(
    provider: &Provider,
    endpoints: &Endpoints,
    pending: &PendingSignIn,
    code: &Code,
) -> HttpRequest {
    token_request(
        endpoints,
        &[
            ("grant_type", "authorization_code"),
            ("client_id", &provider.client_id),
            ("code", code.secret()),
            ("redirect_uri", &pending.redirect_uri),
            ("code_verifier", pending.code_verifier.secret()),
        ],
    )
}

/// The request that trades a refresh token for new tokens.
///
/// The scopes are not sent, so the new access token has those of the sign-in (RFC 6749, section 6).
#[must_use]
pub fn refresh_request(
    provider: &Provider,
    endpoints: &Endpoints,
    refresh_token: &RefreshToken,
) -> HttpRequest {
    token_request(
        endpoints,
        &[
            ("grant_type", "refresh_token"),
            ("client_id", &provider.client_id),
            ("refresh_token", refresh_token.secret()),
        ],
    )
}

/// A form is one of the content types that CORS lets through without a preflight.
fn token_request(endpoints: &Endpoints, pairs: &[(&str, &str)]) -> HttpRequest {
    HttpRequest::new(Method::Post, endpoints.token.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form(pairs))
}

/// Reads the answer to a [`code_request`].
///
/// # Errors
/// [`TokenError`] when a token is missing, or the access token is of a type that this client cannot send.
/// - [`TokenError::Refused`] for an OAuth error with a status of 4xx or 200.
/// - [`TokenError::NoIdToken`] without an ID token; the usual cause is a missing scope `openid`.
/// - [`TokenError::TokenType`] for another type than `Bearer`.
/// - [`TokenError::Unexpected`] for anything else.
pub fn parse_token_response(response: &HttpResponse) -> Result<TokenResponse, TokenError> {
    let reply = read_success(response)?;
    // A client must not use a token of a type that it does not know (RFC 6749, section 7.1). Only the sign-in checks
    // this: a renewal would lose its new refresh token by it.
    if let Some(found) = json::text(&reply, "token_type")
        && !found.eq_ignore_ascii_case("bearer")
    {
        return Err(TokenError::TokenType(found.chars().take(100).collect()));
    }
    let RenewalResponse {
        id_token,
        access_token,
        refresh_token,
        expires_in,
    } = read_tokens(response, &reply)?;
    Ok(TokenResponse {
        tokens: Tokens {
            id_token: id_token.ok_or(TokenError::NoIdToken)?,
            access_token,
            refresh_token,
        },
        expires_in,
    })
}

/// Reads the answer to a [`refresh_request`].
///
/// # Errors
/// [`TokenError`] when the answer has no access token.
/// Otherwise [`TokenError::Refused`] or [`TokenError::Unexpected`].
pub fn parse_renewal_response(response: &HttpResponse) -> Result<RenewalResponse, TokenError> {
    read_tokens(response, &read_success(response)?)
}

/// The body of a success as JSON, or the OAuth error in it.
fn read_success(response: &HttpResponse) -> Result<Value, TokenError> {
    let unexpected = || unexpected(response);
    let reply = json::object(&response.text()).ok_or_else(unexpected)?;
    // With 5xx, a failing endpoint or a proxy may write its errors in the same form and mean something else. Some
    // providers send their errors with 200.
    let refused = match response.status {
        400..500 => true,
        _ => response.is_success() && json::text(&reply, "access_token").is_none(),
    };
    match json::text(&reply, "error") {
        Some(error) if refused => Err(TokenError::Refused {
            error: TokenErrorCode::from_code(&error),
            description: json::text(&reply, "error_description"),
        }),
        _ if response.is_success() => Ok(reply),
        _ => Err(unexpected()),
    }
}

/// An empty token counts as missing.
fn read_tokens(response: &HttpResponse, reply: &Value) -> Result<RenewalResponse, TokenError> {
    let access_token = json::text(reply, "access_token").ok_or_else(|| unexpected(response))?;
    Ok(RenewalResponse {
        id_token: json::text(reply, "id_token").map(IdToken::new),
        access_token: AccessToken::new(access_token),
        refresh_token: json::text(reply, "refresh_token").map(RefreshToken::new),
        expires_in: json::lifetime(reply, "expires_in"),
    })
}

/// The body is not part of the error: it can contain tokens.
fn unexpected(response: &HttpResponse) -> TokenError {
    TokenError::Unexpected {
        status: response.status,
    }
}

#[cfg(test)]
mod tests;
