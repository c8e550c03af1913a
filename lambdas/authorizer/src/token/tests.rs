//! Every member of the header and every claim.

use serde_json::json;

use super::*;
use crate::settings::KeysAddress;

const NOW: i64 = 1_700_000_000;

fn issuer() -> Issuer {
    Issuer {
        name: "https://issuer.example".to_owned(),
        keys: KeysAddress::Jwks("https://issuer.example/keys".to_owned()),
        audiences: vec!["https://api.example".to_owned()],
        client_ids: vec!["client-1".to_owned()],
    }
}

fn good() -> Value {
    json!({
        "iss": "https://issuer.example", "sub": "user-1", "exp": NOW + 1,
        "aud": ["https://other.example", "https://api.example"], "client_id": "client-1",
        "scope": "openid email", "email": "user@example.com"
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn claims(claims: &Value) -> Claims {
    serde_json::from_value(claims.clone()).unwrap()
}

fn checked(value: &Value) -> Result<(), Reason> {
    let now = Timestamp::from_seconds(NOW).unwrap();
    claims(value).check(&issuer(), now).map(drop)
}

fn encoded(header: &str, claims: &str) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.AAAA", part(header), part(claims))
}

fn parsed(header: &Value) -> Result<(), Reason> {
    let token = encoded(&header.to_string(), &good().to_string());
    UnverifiedToken::parse(&token).map(drop)
}

#[test]
fn returns_the_user_and_what_the_token_grants() {
    let bearer = Bearer {
        subject: "user-1",
        scopes: vec!["openid", "email"],
        email: Some("user@example.com"),
        issuer: "https://issuer.example",
    };
    let now = Timestamp::from_seconds(NOW).unwrap();
    assert_eq!(claims(&good()).check(&issuer(), now), Ok(bearer));
}

/// Each claim in turn: missing, null, empty, of another type, of another meaning, and as it may be.
#[test]
fn every_claim_decides_as_documented() {
    let (expired, early) = (Reason::Expired, Reason::NotYetValid);
    for (name, reason, refused, accepted) in [
        (
            "exp",
            expired,
            vec![
                json!(null),
                json!(NOW),
                json!(0),
                json!(-1),
                json!(""),
                json!("9999999999"),
                json!([NOW + 1]),
                json!(1e300),
                json!(u64::MAX),
            ],
            vec![json!(NOW + 1), json!(1_700_000_001.5)],
        ),
        (
            "nbf",
            early,
            vec![
                json!(NOW + 61),
                json!("soon"),
                json!(""),
                json!({}),
                json!(1e300),
            ],
            vec![json!(NOW + 60), json!(null), json!(0), json!(-1.5)],
        ),
        (
            "aud",
            Reason::Audience,
            vec![
                json!(null),
                json!(""),
                json!("https://other.example"),
                json!([]),
                json!([1]),
                json!({ "a": 1 }),
            ],
            vec![
                json!("https://api.example"),
                json!([1, "https://api.example"]),
            ],
        ),
        (
            "client_id",
            Reason::Client,
            vec![
                json!(null),
                json!(""),
                json!("client-2"),
                json!(["client-1"]),
                json!(1),
            ],
            vec![json!("client-1")],
        ),
        (
            "token_use",
            Reason::TokenUse,
            vec![json!("id"), json!(""), json!(true), json!(["access"])],
            vec![json!(null), json!("access")],
        ),
        (
            "sub",
            Reason::Subject,
            vec![json!(null), json!(""), json!(7), json!(["user-1"])],
            vec![json!("é")],
        ),
        (
            "email",
            Reason::Format,
            vec![],
            vec![json!(null), json!(7), json!("")],
        ),
        (
            "anything",
            Reason::Format,
            vec![],
            vec![json!(null), json!([7])],
        ),
    ] {
        for value in refused {
            assert_eq!(
                checked(&with(name, value.clone())),
                Err(reason),
                "{name}: {value}"
            );
        }
        for value in accepted {
            assert_eq!(
                checked(&with(name, value.clone())),
                Ok(()),
                "{name}: {value}"
            );
        }
    }
    for (name, reason) in [
        ("exp", expired),
        ("aud", Reason::Audience),
        ("client_id", Reason::Client),
        ("sub", Reason::Subject),
    ] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(checked(&claims), Err(reason), "{name}");
    }
}

#[test]
fn scopes_come_from_scope_or_scp_and_from_permissions() {
    for (scope, scp, permissions, expected) in [
        (json!("a b"), json!(null), json!(null), "a b"),
        (json!(["a", 1, "b"]), json!(null), json!(null), "a b"),
        (json!(null), json!(["a"]), json!(null), "a"),
        (json!(null), json!("a b"), json!(null), "a b"),
        (json!(""), json!("a"), json!(null), "a"),
        (json!([]), json!("a"), json!(null), "a"),
        (json!(7), json!(["a b"]), json!(null), "a b"),
        (json!("a"), json!("b"), json!(null), "a"),
        (json!(null), json!(null), json!(["a", "b"]), "a b"),
        (json!("a"), json!("b"), json!(["c", "a"]), "a c"),
        (json!("a"), json!(null), json!({ "b": true }), "a"),
        (json!(null), json!(null), json!(null), ""),
    ] {
        let mut value = good();
        value["scope"] = scope;
        value["scp"] = scp;
        value["permissions"] = permissions;
        assert_eq!(claims(&value).scopes().join(" "), expected, "{value}");
    }
}

#[test]
fn reads_only_three_parts_of_the_right_kind() {
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "e30.e30",
        "e30.e30.e30.e30",
        "e30.W10.",
        "W10.e30.",
    ] {
        let parsed = UnverifiedToken::parse(text).map(drop);
        assert_eq!(parsed, Err(Reason::Format), "{text}");
    }
}

#[test]
fn a_repeated_member_makes_the_token_unreadable() {
    let header = r#"{"alg":"RS256","kid":"one"}"#;
    for (header, claims) in [
        (header, r#"{"iss":"a","iss":"b"}"#),
        (header, r#"{"iss":"a","exp":1,"exp":2}"#),
        (header, r#"{"iss":"a","scope":"a","scope":"b"}"#),
        (
            r#"{"alg":"RS256","alg":"none","kid":"one"}"#,
            r#"{"iss":"a"}"#,
        ),
        (
            r#"{"alg":"RS256","kid":"one","kid":"two"}"#,
            r#"{"iss":"a"}"#,
        ),
    ] {
        let parsed = UnverifiedToken::parse(&encoded(header, claims)).map(drop);
        assert_eq!(parsed, Err(Reason::Format), "{header} {claims}");
    }
}

/// Each member of the header in turn.
#[test]
fn every_member_of_the_header_decides_as_documented() {
    let good = json!({ "alg": "RS256", "kid": "one" });
    assert_eq!(parsed(&good), Ok(()));
    for (name, reason, refused, accepted) in [
        (
            "alg",
            Reason::Algorithm,
            vec![
                json!(null),
                json!(""),
                json!("none"),
                json!("HS256"),
                json!("PS256"),
                json!("rs256"),
                json!(["RS256"]),
            ],
            vec![json!("ES256")],
        ),
        (
            "kid",
            Reason::NoKeyId,
            vec![json!(null), json!(1), json!(["one"])],
            vec![json!("two")],
        ),
        (
            "typ",
            Reason::Type,
            vec![
                json!(""),
                json!("logout+jwt"),
                json!("dpop+jwt"),
                json!("secevent+jwt"),
                json!(1),
                json!(["JWT"]),
            ],
            vec![
                json!(null),
                json!("JWT"),
                json!("jwt"),
                json!("at+jwt"),
                json!("application/AT+JWT"),
            ],
        ),
        (
            "crit",
            Reason::Extension,
            vec![json!([]), json!(["b64"]), json!("exp"), json!(7)],
            vec![],
        ),
        (
            "anything",
            Reason::Format,
            vec![],
            vec![json!(null), json!({})],
        ),
    ] {
        for (values, expected) in [(refused, Err(reason)), (accepted, Ok(()))] {
            for value in values {
                let mut header = good.clone();
                header[name] = value;
                assert_eq!(parsed(&header), expected, "{header}");
            }
        }
    }
}
