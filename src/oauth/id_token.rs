//! The ID token: its claims and their checks (OpenID Connect Core, section 3.1.3.7; Amazon Cognito
//! Developer Guide, "Verifying JSON web tokens").
//!
//! It comes straight from the token endpoint over TLS, which OpenID Connect Core accepts in place of
//! checking its signature.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use super::encoding::from_base64url;
use super::tokens::IdToken;
use crate::config::UserPool;
use crate::json;
use crate::time::Timestamp;

/// How far this device's clock and the issuer's may differ before a token counts as wrong.
pub const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// The claims that the client uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// Whom the token is meant for.
    pub aud: Vec<String>,
    /// The user's immutable id.
    pub sub: String,
    /// When the token stops to be valid.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// The nonce of the sign-in.
    pub nonce: Option<String>,
    /// `id` for an ID token.
    pub token_use: Option<String>,
    /// The user name in the pool.
    pub username: Option<String>,
    /// The full name, if the pool has one.
    pub name: Option<String>,
    /// The e-mail address, if the scopes cover it.
    pub email: Option<String>,
}

/// Why an ID token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdTokenError {
    /// It is not a JSON Web Token with the claims that OpenID Connect demands.
    #[error("the ID token cannot be read: {0}")]
    Malformed(&'static str),
    /// Another issuer.
    #[error("the ID token was issued by {found}, expected {expected}")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The token's.
        found: String,
    },
    /// Another client.
    #[error("the ID token is for client {found}, expected {expected}")]
    Audience {
        /// The configured client id.
        expected: String,
        /// The token's, joined.
        found: String,
    },
    /// Another kind of token, such as an access token.
    #[error("the token says that it is for {found:?}, expected \"id\"")]
    TokenUse {
        /// What it says.
        found: Option<String>,
    },
    /// The nonce of another sign-in, or none.
    #[error("the ID token does not belong to this sign-in: its nonce differs")]
    Nonce,
    /// It has expired.
    #[error("the ID token expired at {exp}, and it is {now}")]
    Expired {
        /// When it expired.
        exp: Timestamp,
        /// The time on this device.
        now: Timestamp,
    },
    /// It comes from the future: this device's clock is behind.
    #[error("the ID token was issued at {iat}, and it is {now}")]
    IssuedInFuture {
        /// When it was issued.
        iat: Timestamp,
        /// The time on this device.
        now: Timestamp,
    },
    /// A renewal brought the token of somebody else (OpenID Connect Core, section 12.2).
    #[error("the renewed ID token belongs to another user")]
    Subject,
}

/// Reads the claims of an ID token without judging them.
///
/// # Errors
/// [`IdTokenError::Malformed`] when it is not a JSON Web Token or lacks a claim that it must have.
pub fn decode(id_token: &IdToken) -> Result<Claims, IdTokenError> {
    let parts: Vec<&str> = id_token.secret().split('.').collect();
    let [_, payload, _] = parts[..] else {
        return Err(IdTokenError::Malformed("it does not have three parts"));
    };
    let bytes =
        from_base64url(payload).ok_or(IdTokenError::Malformed("its payload is not base64url"))?;
    let payload: Value = serde_json::from_slice(&bytes)
        .map_err(|_| IdTokenError::Malformed("its payload is not JSON"))?;
    read_claims(&payload).ok_or(IdTokenError::Malformed(
        "its payload lacks iss, aud, sub, exp or iat",
    ))
}

fn read_claims(payload: &Value) -> Option<Claims> {
    Some(Claims {
        iss: json::text(payload, "iss")?,
        aud: read_audience(payload.get("aud")?)?,
        sub: json::text(payload, "sub")?,
        exp: json::time(payload, "exp")?,
        iat: json::time(payload, "iat")?,
        nonce: json::text(payload, "nonce"),
        token_use: json::text(payload, "token_use"),
        username: json::text(payload, "cognito:username"),
        name: json::text(payload, "name"),
        email: json::text(payload, "email"),
    })
}

/// One client or a list of them (RFC 7519, section 4.1.3).
fn read_audience(aud: &Value) -> Option<Vec<String>> {
    match aud {
        Value::Array(clients) => clients
            .iter()
            .map(|client| client.as_str().map(str::to_owned))
            .collect(),
        client => client.as_str().map(|client| vec![client.to_owned()]),
    }
}

/// Checks the claims of a token that a sign-in brought. `now` is this device's time.
///
/// # Errors
/// The first check that fails.
pub fn validate(
    claims: &Claims,
    user_pool: &UserPool,
    nonce: &str,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, user_pool)?;
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(IdTokenError::Nonce);
    }
    validate_times(claims, now)
}

/// Checks the claims of a token that a renewal brought: the same user as before. A nonce is not asked
/// for, because Cognito does not promise to repeat it.
///
/// # Errors
/// The first check that fails.
pub fn validate_renewed(
    claims: &Claims,
    user_pool: &UserPool,
    previous: &Claims,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, user_pool)?;
    if claims.sub != previous.sub {
        return Err(IdTokenError::Subject);
    }
    validate_times(claims, now)
}

/// Checks who issued the token, for whom, and as what.
///
/// # Errors
/// The first check that fails.
pub fn validate_source(claims: &Claims, user_pool: &UserPool) -> Result<(), IdTokenError> {
    if claims.iss != user_pool.issuer {
        return Err(IdTokenError::Issuer {
            expected: user_pool.issuer.clone(),
            found: claims.iss.clone(),
        });
    }
    if claims.aud != [user_pool.client_id.as_str()] {
        let expected = user_pool.client_id.clone();
        return Err(IdTokenError::Audience {
            expected,
            found: claims.aud.join(", "),
        });
    }
    if claims.token_use.as_deref() != Some("id") {
        return Err(IdTokenError::TokenUse {
            found: claims.token_use.clone(),
        });
    }
    Ok(())
}

fn validate_times(claims: &Claims, now: Timestamp) -> Result<(), IdTokenError> {
    if claims.exp.plus(CLOCK_TOLERANCE) <= now {
        return Err(IdTokenError::Expired {
            exp: claims.exp,
            now,
        });
    }
    if claims.iat > now.plus(CLOCK_TOLERANCE) {
        return Err(IdTokenError::IssuedInFuture {
            iat: claims.iat,
            now,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::config::{Config, parse};
    use crate::oauth::encoding::base64url;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn config() -> Config {
        parse(include_str!("../../public/config.example.json")).unwrap()
    }

    /// The claims that Cognito puts into an ID token, with `changes` on top.
    fn token(changes: &Value) -> IdToken {
        let mut claims = json!({
            "at_hash": "h", "sub": "11111111-2222", "email_verified": true,
            "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
            "cognito:username": "demouser", "nonce": "n", "origin_jti": "o", "aud": "1example23456789abcdefghij",
            "event_id": "e", "token_use": "id", "auth_time": NOW.0, "exp": NOW.0 + 3600, "iat": NOW.0, "jti": "j",
            "email": "demo@example.com"
        });
        for (key, value) in changes.as_object().unwrap() {
            claims[key] = value.clone();
        }
        IdToken::new(format!(
            "e30.{}.sig",
            base64url(claims.to_string().as_bytes())
        ))
    }

    fn check(changes: &Value) -> Result<(), IdTokenError> {
        validate(
            &decode(&token(changes)).unwrap(),
            &config().user_pool,
            "n",
            NOW,
        )
    }

    #[test]
    fn accepts_what_cognito_issues() {
        let claims = decode(&token(&json!({}))).unwrap();
        assert_eq!(claims.username.as_deref(), Some("demouser"));
        assert_eq!(claims.exp, Timestamp(NOW.0 + 3600));
        assert_eq!(check(&json!({})), Ok(()));
        assert_eq!(
            check(&json!({ "aud": ["1example23456789abcdefghij"], "exp": 1_700_000_000.5 })),
            Ok(())
        );
    }

    #[test]
    fn refuses_another_issuer_client_use_or_nonce() {
        assert!(matches!(
            check(&json!({ "iss": "https://evil.example" })),
            Err(IdTokenError::Issuer { .. })
        ));
        assert!(matches!(
            check(&json!({ "aud": "other" })),
            Err(IdTokenError::Audience { .. })
        ));
        let two = json!({ "aud": ["1example23456789abcdefghij", "other"] });
        assert!(matches!(check(&two), Err(IdTokenError::Audience { .. })));
        assert!(matches!(
            check(&json!({ "token_use": "access" })),
            Err(IdTokenError::TokenUse { .. })
        ));
        assert_eq!(
            check(&json!({ "nonce": "other" })),
            Err(IdTokenError::Nonce)
        );
        assert_eq!(check(&json!({ "nonce": null })), Err(IdTokenError::Nonce));
    }

    #[test]
    fn tolerates_five_minutes_of_clock_difference_and_no_more() {
        assert_eq!(check(&json!({ "iat": NOW.0 + 300 })), Ok(()));
        assert!(matches!(
            check(&json!({ "iat": NOW.0 + 301 })),
            Err(IdTokenError::IssuedInFuture { .. })
        ));
        assert_eq!(check(&json!({ "exp": NOW.0 - 299 })), Ok(()));
        assert!(matches!(
            check(&json!({ "exp": NOW.0 - 300 })),
            Err(IdTokenError::Expired { .. })
        ));
    }

    #[test]
    fn a_renewed_token_must_be_the_same_users() {
        let previous = decode(&token(&json!({}))).unwrap();
        let renewed = decode(&token(&json!({ "nonce": null }))).unwrap();
        assert_eq!(
            validate_renewed(&renewed, &config().user_pool, &previous, NOW),
            Ok(())
        );
        let other = decode(&token(&json!({ "sub": "somebody else" }))).unwrap();
        assert_eq!(
            validate_renewed(&other, &config().user_pool, &previous, NOW),
            Err(IdTokenError::Subject)
        );
    }

    #[test]
    fn refuses_what_is_no_token() {
        for text in ["", "a.b", "a.b.c.d", "e30.!!!.s", "e30.e30.s"] {
            assert!(
                matches!(decode(&IdToken::new(text)), Err(IdTokenError::Malformed(_))),
                "{text}"
            );
        }
        for exp in [json!(-1), json!("soon"), json!(1e300)] {
            assert!(decode(&token(&json!({ "exp": exp }))).is_err(), "{exp}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_any_token(text in ".{0,200}") {
            let _ = decode(&IdToken::new(text));
        }

        #[test]
        fn never_panics_on_any_payload(payload in ".{0,200}") {
            let _ = decode(&IdToken::new(format!("e30.{}.s", base64url(payload.as_bytes()))));
        }
    }
}
