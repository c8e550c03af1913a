//! What is accepted and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::config::{Config, parse};
use crate::oauth::encoding::base64url;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
const NOW: Timestamp = Timestamp(1_700_000_000);

fn config() -> Config {
    parse(crate::config::EXAMPLE).unwrap()
}

/// The claims that Cognito puts into an ID token, with `changes` on top.
fn token(changes: &Value) -> IdToken {
    let mut claims = json!({
        "at_hash": "h", "sub": "11111111-2222", "email_verified": true,
        "iss": ISSUER,
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
        "state": "s", "nonce": "n", "code_verifier": "v", "redirect_uri": "r", "return_to": "/", "issuer": ISSUER,
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
