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
fn a_step_up_needs_a_new_authentication_of_the_same_user() {
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
    let other = decode(&token(&json!({ "sub": "another user" }))).unwrap();
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

/// The values that cannot be read as a text.
fn no_text() -> Vec<Value> {
    vec![
        Value::Null,
        json!(""),
        json!(7),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!({"x": "y"}),
    ]
}

#[test]
fn a_claim_that_is_needed_and_is_no_text_is_missing() {
    for claim in ["iss", "sub"] {
        for value in no_text() {
            let found = decode(&token(&json!({ claim: value })));
            assert!(
                matches!(found, Err(IdTokenError::Malformed(_))),
                "{claim} {value}"
            );
        }
    }
    for value in [
        json!(null),
        json!(7),
        json!({}),
        json!([7]),
        json!(["x", null]),
    ] {
        let found = decode(&token(&json!({ "aud": value })));
        assert!(matches!(found, Err(IdTokenError::Malformed(_))), "{value}");
    }
    for value in [json!(""), json!([]), json!([""])] {
        let found = check(&json!({ "aud": value }));
        assert!(
            matches!(found, Err(IdTokenError::Audience { .. })),
            "{value}"
        );
    }
}

#[test]
fn a_claim_that_is_not_needed_and_is_no_text_is_left_out() {
    for value in no_text() {
        let claims = decode(&token(&json!({
            "nonce": value, "token_use": value, "cognito:username": value, "name": value, "email": value, "azp": value,
            "at_hash": value, "cognito:preferred_role": value, "an unknown one": value,
        })));
        let claims = claims.unwrap();
        let texts = [
            claims.nonce,
            claims.token_use,
            claims.username,
            claims.name,
            claims.email,
            claims.azp,
            claims.at_hash,
            claims.preferred_role,
        ];
        assert_eq!(texts, [const { None }; 8], "{value}");
    }
}

#[test]
fn a_time_is_a_number_in_whichever_form() {
    let read = |value: &Value| {
        decode(&token(
            &json!({ "exp": value, "iat": value, "auth_time": value }),
        ))
    };
    for value in [
        json!(1_700_000_000),
        json!(1.7e9),
        json!(1_700_000_000.9),
        json!("1700000000"),
        json!("1.7e9"),
    ] {
        let claims = read(&value).unwrap();
        assert_eq!(
            (claims.exp, claims.iat, claims.auth_time),
            (NOW, NOW, Some(NOW)),
            "{value}"
        );
    }
    for value in [
        json!(null),
        json!(""),
        json!(-1),
        json!(true),
        json!([NOW.0]),
        json!({}),
        json!("2023-11-14T22:13:20Z"),
    ] {
        assert!(read(&value).is_err(), "{value}");
        let claims = decode(&token(&json!({ "auth_time": value }))).unwrap();
        assert_eq!(claims.auth_time, None, "{value}");
    }
}

#[test]
fn groups_and_roles_are_the_texts_of_a_list_or_a_single_one() {
    for (value, expected) in [
        (json!(["a", "b"]), vec!["a", "b"]),
        (json!(["a", 7, null, "", ["b"]]), vec!["a"]),
        (json!("a"), vec!["a"]),
        (json!(""), vec![]),
        (json!(null), vec![]),
        (json!(7), vec![]),
        (json!({ "a": "b" }), vec![]),
    ] {
        let changes = json!({ "cognito:groups": value, "cognito:roles": value });
        let claims = decode(&token(&changes)).unwrap();
        assert_eq!(claims.groups, expected, "{value}");
        assert_eq!(claims.roles, expected, "{value}");
    }
}

#[test]
fn of_a_repeated_claim_the_last_one_counts() {
    let payload = r#"{"sub":"old","iss":"i","aud":"c","exp":1,"iat":1,"sub":"new"}"#;
    let token = IdToken::new(format!("e30.{}.s", base64url(payload.as_bytes())));
    assert_eq!(decode(&token).unwrap().sub, "new");
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
