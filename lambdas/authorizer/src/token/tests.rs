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

/// The values of a JSON list.
fn values(list: &str) -> Vec<Value> {
    serde_json::from_str(list).unwrap()
}

/// Each claim in turn: null, empty, of another type, of another meaning, and as it may be. The time is 1700000000.
#[test]
fn every_claim_decides_as_documented() {
    for (name, reason, refused, accepted) in [
        (
            "exp",
            Reason::Expired,
            r#"[null, 1700000000, 0, -1, "", "9999999999", [1700000001], 1e300, 18446744073709551615]"#,
            "[1700000001, 1700000001.5]",
        ),
        (
            "nbf",
            Reason::NotYetValid,
            r#"[1700000061, "soon", "", {}, 1e300]"#,
            "[1700000060, null, 0, -1.5]",
        ),
        (
            "aud",
            Reason::Audience,
            r#"[null, "", "https://other.example", [], [1], {"a": 1}]"#,
            r#"["https://api.example", [1, "https://api.example"]]"#,
        ),
        (
            "client_id",
            Reason::Client,
            r#"[null, "", "client-2", ["client-1"], 1]"#,
            r#"["client-1"]"#,
        ),
        (
            "token_use",
            Reason::TokenUse,
            r#"["id", "", true, ["access"]]"#,
            r#"[null, "access"]"#,
        ),
        (
            "sub",
            Reason::Subject,
            r#"[null, "", 7, ["user-1"]]"#,
            r#"["é"]"#,
        ),
        ("email", Reason::Format, "[]", r#"[null, 7, ""]"#),
        ("anything", Reason::Format, "[]", "[null, [7]]"),
    ] {
        for (list, expected) in [(refused, Err(reason)), (accepted, Ok(()))] {
            for value in values(list) {
                assert_eq!(
                    checked(&with(name, value.clone())),
                    expected,
                    "{name}: {value}"
                );
            }
        }
    }
}

#[test]
fn a_token_without_a_required_claim_is_refused() {
    for (name, reason) in [
        ("exp", Reason::Expired),
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
            r#"[null, "", "none", "HS256", "PS256", "rs256", ["RS256"]]"#,
            r#"["ES256"]"#,
        ),
        (
            "kid",
            Reason::NoKeyId,
            r#"[null, 1, ["one"]]"#,
            r#"["two"]"#,
        ),
        (
            "typ",
            Reason::Type,
            r#"["", "logout+jwt", "dpop+jwt", "secevent+jwt", 1, ["JWT"]]"#,
            r#"[null, "JWT", "jwt", "at+jwt", "application/AT+JWT"]"#,
        ),
        (
            "crit",
            Reason::Extension,
            r#"[null, [], ["b64"], "exp", 7]"#,
            "[]",
        ),
        ("anything", Reason::Format, "[]", "[null, {}]"),
    ] {
        for (list, expected) in [(refused, Err(reason)), (accepted, Ok(()))] {
            for value in values(list) {
                let mut header = good.clone();
                header[name] = value;
                assert_eq!(parsed(&header), expected, "{header}");
            }
        }
    }
}
