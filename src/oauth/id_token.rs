//! The ID token: its claims and their checks (OpenID Connect Core, section 3.1.3.7; Amazon Cognito
//! Developer Guide, "Verifying JSON web tokens").
//!
//! Its signature is checked elsewhere: that takes the provider's keys and the browser's cryptography.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::authorize::PendingSignIn;
use super::encoding::{base64url, from_base64url};
use super::options::Prompt;
use super::tokens::{AccessToken, IdToken};
use crate::config::{Provider, ProviderKind};
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
    /// The client that asked, where there are several audiences.
    pub azp: Option<String>,
    /// When the person last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// Ties the access token to this token.
    pub at_hash: Option<String>,
    /// The groups of the user pool that the user is in.
    pub groups: Vec<String>,
    /// The roles that the user may choose from in an identity pool, as ARNs.
    pub roles: Vec<String>,
    /// The role that an identity pool gives without a choice.
    pub preferred_role: Option<String>,
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
    /// The token of somebody else than the one person who will do: at a renewal (OpenID Connect Core,
    /// section 12.2), or when somebody was to prove again who they are.
    #[error("the ID token belongs to another user")]
    Subject,
    /// The person was to prove who they are, and did not.
    #[error("the person did not sign in again")]
    NotReauthenticated,
    /// Another algorithm than RS256, cut to 20 characters.
    #[error("the ID token is signed with {0}, expected RS256")]
    Algorithm(String),
    /// The provider publishes no key of that name.
    #[error("the ID token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// The access token is not the one that came with the ID token (OpenID Connect Core, section 3.1.3.8).
    #[error("the access token does not belong to the ID token")]
    AccessTokenHash,
}

/// Reads the claims of an ID token without judging them.
///
/// # Errors
/// [`IdTokenError::Malformed`] when it is not a JSON Web Token or lacks a claim that it must have.
pub fn decode(id_token: &IdToken) -> Result<Claims, IdTokenError> {
    read_claims(&payload(id_token)?).ok_or(IdTokenError::Malformed(
        "its payload lacks iss, aud, sub, exp or iat",
    ))
}

/// Every claim with its value, in the order of the token, for people to read.
#[must_use]
pub fn list_claims(id_token: &IdToken) -> Vec<(String, String)> {
    let payload = payload(id_token).unwrap_or_default();
    let claims = payload.as_object().into_iter().flatten();
    claims
        .map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.clone(), text.unwrap_or_else(|| value.to_string()))
        })
        .collect()
}

fn payload(id_token: &IdToken) -> Result<Value, IdTokenError> {
    let malformed = IdTokenError::Malformed;
    let parts: Vec<&str> = id_token.secret().split('.').collect();
    let [_, payload, _] = parts[..] else {
        return Err(malformed("it does not have three parts"));
    };
    let bytes = from_base64url(payload).ok_or(malformed("its payload is not base64url"))?;
    json::bytes(&bytes).ok_or(malformed("its payload is not JSON"))
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
        azp: json::text(payload, "azp"),
        auth_time: json::time(payload, "auth_time"),
        at_hash: json::text(payload, "at_hash"),
        groups: json::texts(payload, "cognito:groups"),
        roles: json::texts(payload, "cognito:roles"),
        preferred_role: json::text(payload, "cognito:preferred_role"),
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

/// Checks the claims of a token that a sign-in brought. `now` is the time as far as it is known, `started` the
/// time of the same clock when the sign-in began.
///
/// # Errors
/// The first check that fails.
pub fn validate(
    claims: &Claims,
    provider: &Provider,
    pending: &PendingSignIn,
    started: Timestamp,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, provider)?;
    if claims.nonce.as_ref() != Some(&pending.nonce) {
        return Err(IdTokenError::Nonce);
    }
    if pending
        .subject
        .as_ref()
        .is_some_and(|subject| *subject != claims.sub)
    {
        return Err(IdTokenError::Subject);
    }
    if pending.prompt == Some(Prompt::Login.as_str()) {
        let proven = claims.auth_time.ok_or(IdTokenError::NotReauthenticated)?;
        if proven.plus(CLOCK_TOLERANCE) < started {
            return Err(IdTokenError::NotReauthenticated);
        }
    }
    validate_times(claims, now)
}

/// Checks the claims of a token that a renewal brought: the same user as before, and the same nonce if it has
/// one; Cognito does not promise to repeat it (OpenID Connect Core, section 12.2).
///
/// # Errors
/// The first check that fails.
pub fn validate_renewed(
    claims: &Claims,
    provider: &Provider,
    previous: &Claims,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, provider)?;
    if claims.sub != previous.sub {
        return Err(IdTokenError::Subject);
    }
    if claims.nonce.is_some() && previous.nonce.is_some() && claims.nonce != previous.nonce {
        return Err(IdTokenError::Nonce);
    }
    validate_times(claims, now)
}

/// Checks that an access token came together with an ID token, if the ID token tells: `at_hash` is the left half
/// of the access token's SHA-256 (OpenID Connect Core, section 3.1.3.6).
///
/// # Errors
/// [`IdTokenError::AccessTokenHash`] when it did not.
pub fn validate_access_token(
    claims: &Claims,
    access_token: &AccessToken,
) -> Result<(), IdTokenError> {
    let digest = Sha256::digest(access_token.secret().as_bytes());
    let expected = base64url(&digest[..16]);
    match &claims.at_hash {
        Some(found) if *found != expected => Err(IdTokenError::AccessTokenHash),
        _ => Ok(()),
    }
}

/// Checks who issued the token, for whom, and as what. Only user pools say as what.
///
/// # Errors
/// The first check that fails.
pub fn validate_source(claims: &Claims, provider: &Provider) -> Result<(), IdTokenError> {
    if claims.iss != provider.issuer {
        return Err(IdTokenError::Issuer {
            expected: provider.issuer.clone(),
            found: claims.iss.clone(),
        });
    }
    let authorized = claims.azp.as_ref() == Some(&provider.client_id)
        || (claims.azp.is_none() && claims.aud.len() == 1);
    if !authorized || !claims.aud.contains(&provider.client_id) {
        let expected = provider.client_id.clone();
        return Err(IdTokenError::Audience {
            expected,
            found: claims.aud.join(", "),
        });
    }
    let is_user_pool = matches!(provider.kind, ProviderKind::Cognito { .. });
    if is_user_pool && claims.token_use.as_deref() != Some("id") {
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

    fn pending(changes: &Value) -> PendingSignIn {
        let mut record = json!({
            "state": "s", "nonce": "n", "code_verifier": "v", "redirect_uri": "r", "return_to": "/", "issuer": "i",
            "created": NOW.0
        });
        for (key, value) in changes.as_object().unwrap() {
            record[key] = value.clone();
        }
        PendingSignIn::read(&record.to_string()).unwrap()
    }

    fn check_for(pending: &PendingSignIn, changes: &Value) -> Result<(), IdTokenError> {
        let claims = decode(&token(changes)).unwrap();
        validate(&claims, &config().provider, pending, NOW, NOW)
    }

    fn check(changes: &Value) -> Result<(), IdTokenError> {
        check_for(&pending(&json!({})), changes)
    }

    #[test]
    fn somebody_who_was_to_sign_in_again_did() {
        let step_up = pending(&json!({ "prompt": "login", "subject": "11111111-2222" }));
        for (changes, expected) in [
            (json!({ "auth_time": NOW.0 }), Ok(())),
            (json!({ "auth_time": NOW.0 - 300 }), Ok(())),
            (
                json!({ "auth_time": NOW.0 - 301 }),
                Err(IdTokenError::NotReauthenticated),
            ),
            (
                json!({ "auth_time": null }),
                Err(IdTokenError::NotReauthenticated),
            ),
            (
                json!({ "auth_time": NOW.0, "sub": "other" }),
                Err(IdTokenError::Subject),
            ),
        ] {
            assert_eq!(check_for(&step_up, &changes), expected, "{changes}");
        }
    }

    #[test]
    fn the_access_token_must_be_the_one_that_came_along() {
        // OpenID Connect Core leaves no example; this one was computed with another tool.
        let hash = "ungWv48Bz-pBQUDeXa4iIw";
        let with = |hash: Value| decode(&token(&json!({ "at_hash": hash }))).unwrap();
        let access_token = AccessToken::new("abc");
        assert_eq!(
            validate_access_token(&with(json!(hash)), &access_token),
            Ok(())
        );
        assert_eq!(
            validate_access_token(&with(Value::Null), &access_token),
            Ok(())
        );
        assert_eq!(
            validate_access_token(&with(json!(hash)), &AccessToken::new("abd")),
            Err(IdTokenError::AccessTokenHash)
        );
    }

    #[test]
    fn several_audiences_take_an_authorized_party() {
        let two = json!(["1example23456789abcdefghij", "other"]);
        let us = "1example23456789abcdefghij";
        assert_eq!(check(&json!({ "aud": two, "azp": us })), Ok(()));
        for azp in [json!("other"), Value::Null] {
            let found = check(&json!({ "aud": two, "azp": azp }));
            assert!(matches!(found, Err(IdTokenError::Audience { .. })));
        }
        let found = check(&json!({ "azp": "other" }));
        assert!(matches!(found, Err(IdTokenError::Audience { .. })));
    }

    #[test]
    fn lists_every_claim_for_people() {
        let list = list_claims(&token(&json!({ "cognito:groups": ["a", "b"] })));
        let value = |name: &str| {
            list.iter()
                .find(|(found, _)| found == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("cognito:groups"), Some(r#"["a","b"]"#));
        assert_eq!(value("sub"), Some("11111111-2222"));
        assert_eq!(value("email_verified"), Some("true"));
        assert_eq!(list_claims(&IdToken::new("x")), []);
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
            validate_renewed(&renewed, &config().provider, &previous, NOW),
            Ok(())
        );
        let replayed = decode(&token(&json!({ "nonce": "other" }))).unwrap();
        assert_eq!(
            validate_renewed(&replayed, &config().provider, &previous, NOW),
            Err(IdTokenError::Nonce)
        );
        let other = decode(&token(&json!({ "sub": "somebody else" }))).unwrap();
        assert_eq!(
            validate_renewed(&other, &config().provider, &previous, NOW),
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
