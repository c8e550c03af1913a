//! The token endpoint: a code or a refresh token in, tokens out (RFC 6749, sections 4.1.3, 5 and 6).

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
    IdToken
);
secret!(
    /// Says what the bearer may do; what bearer routes take.
    AccessToken
);
secret!(
    /// Buys new tokens without a new sign-in.
    RefreshToken
);

/// What the token endpoint hands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The ID token.
    pub id_token: IdToken,
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token; absent on a renewal without rotation.
    pub refresh_token: Option<RefreshToken>,
}

/// What the token endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The tokens.
    pub tokens: Tokens,
    /// How long the access token holds, if it says so.
    pub expires_in: Option<Duration>,
}

/// Why the token endpoint gave no tokens.
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
    #[error("the token endpoint answered {status} with something unexpected")]
    Unexpected {
        /// The status code.
        status: u16,
    },
    /// The answer holds no ID token.
    #[error("the token endpoint sent no ID token")]
    NoIdToken,
}

/// The error codes of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenErrorCode {
    /// A parameter is missing or wrong.
    InvalidRequest,
    /// No such client, or it has a secret.
    InvalidClient,
    /// The code or the refresh token is used, expired, revoked or not this client's.
    InvalidGrant,
    /// The client may not use this grant, or the redirect URI differs.
    UnauthorizedClient,
    /// The endpoint does not know this grant.
    UnsupportedGrantType,
    /// Any other code.
    Unknown(String),
}

impl TokenErrorCode {
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

fn token_request(endpoints: &Endpoints, pairs: &[(&str, &str)]) -> HttpRequest {
    HttpRequest::new(Method::Post, endpoints.token.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form(pairs))
}

/// Reads the token endpoint's answer.
///
/// # Errors
/// [`TokenError`] when it holds no tokens.
pub fn parse_token_response(response: &HttpResponse) -> Result<TokenResponse, TokenError> {
    let unexpected = TokenError::Unexpected {
        status: response.status,
    };
    let reply = json::object(&response.body).ok_or_else(|| unexpected.clone())?;
    // A failing endpoint, or something in front of it, may write its errors alike and mean something else.
    let refused = (400..500).contains(&response.status);
    if let Some(error) = json::text(&reply, "error").filter(|_| refused) {
        let description = json::text(&reply, "error_description");
        return Err(TokenError::Refused {
            error: TokenErrorCode::from_code(&error),
            description,
        });
    }
    let access_token = json::text(&reply, "access_token")
        .filter(|_| response.is_success())
        .ok_or(unexpected)?;
    let id_token = json::text(&reply, "id_token").ok_or(TokenError::NoIdToken)?;
    let expires_in = reply.get("expires_in").and_then(Value::as_u64);
    Ok(TokenResponse {
        tokens: Tokens {
            id_token: IdToken::new(id_token),
            access_token: AccessToken::new(access_token),
            refresh_token: json::text(&reply, "refresh_token").map(RefreshToken::new),
        },
        expires_in: expires_in.map(Duration::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::parse;
    use crate::oauth::authorize::PendingSignIn;
    use crate::oauth::discovery::known_endpoints;

    fn response(status: u16, body: &str) -> HttpResponse {
        HttpResponse {
            status,
            headers: vec![],
            body: body.into(),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn the_code_request_repeats_redirect_uri_and_proves_the_verifier() {
        let config = parse(crate::config::EXAMPLE).unwrap();
        let pending = r#"{"state":"s","nonce":"n","code_verifier":"the-verifier","redirect_uri":
            "https://app.example.com/authenticated","return_to":"/","issuer":"i","created":0}"#;
        let pending = PendingSignIn::read(pending).unwrap();
        let endpoints = known_endpoints(&config.provider).unwrap();
        let code = Code::new("the-code");
        let request = code_request(&config.provider, &endpoints, &pending, &code);
        assert_eq!(
            request.url,
            "https://your-prefix.auth.eu-west-1.amazoncognito.com/oauth2/token"
        );
        assert_eq!(
            request.body,
            "grant_type=authorization_code&client_id=1example23456789abcdefghij&code=the-code\
             &redirect_uri=https%3A%2F%2Fapp.example.com%2Fauthenticated\
             &code_verifier=the-verifier"
        );
        let names: Vec<&str> = request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            names,
            ["content-type"],
            "any other header would cost a preflight"
        );
    }

    #[test]
    fn reads_tokens_with_and_without_a_refresh_token() {
        let body = r#"{"id_token":"i","access_token":"a","refresh_token":"r","expires_in":3600,"token_type":"Bearer"}"#;
        let tokens = parse_token_response(&response(200, body)).unwrap();
        assert_eq!(tokens.tokens.refresh_token, Some(RefreshToken::new("r")));
        assert_eq!(tokens.expires_in, Some(Duration::from_hours(1)));
        let body = r#"{"id_token":"i","access_token":"a","expires_in":3600,"token_type":"Bearer"}"#;
        assert_eq!(
            parse_token_response(&response(200, body))
                .unwrap()
                .tokens
                .refresh_token,
            None
        );
    }

    #[test]
    fn tells_a_refusal_from_an_unexpected_answer() {
        let refused = parse_token_response(&response(400, r#"{"error":"invalid_grant"}"#));
        assert_eq!(
            refused,
            Err(TokenError::Refused {
                error: TokenErrorCode::InvalidGrant,
                description: None
            })
        );
        let odd = parse_token_response(&response(502, "<html>Bad Gateway</html>"));
        assert_eq!(odd, Err(TokenError::Unexpected { status: 502 }));
        assert_eq!(
            parse_token_response(&response(200, "{}")),
            Err(TokenError::Unexpected { status: 200 })
        );
        assert_eq!(
            parse_token_response(&response(200, r#"{"access_token":"a"}"#)),
            Err(TokenError::NoIdToken)
        );
    }

    #[test]
    fn debug_of_tokens_shows_none_of_them() {
        let body = r#"{"id_token":"iii","access_token":"aaa","refresh_token":"rrr"}"#;
        let text = format!("{:?}", parse_token_response(&response(200, body)).unwrap());
        assert!(
            !text.contains("iii") && !text.contains("aaa") && !text.contains("rrr"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn never_panics_on_any_answer(status in 100_u16..600, body in ".{0,200}") {
            let _ = parse_token_response(&response(status, &body));
        }
    }
}
