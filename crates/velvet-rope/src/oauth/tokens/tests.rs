//! Answers of token endpoints, member by member.

use proptest::prelude::*;

use super::*;
use crate::config::parse;
use crate::oauth::authorize::PendingSignIn;
use crate::oauth::discovery::known_endpoints;

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(status, vec![], body)
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

/// The answer to a code, with one member written as `member`, or left out if that is empty.
fn answer(name: &str, member: &str) -> HttpResponse {
    let members = [
        ("access_token", r#""access_token":"a""#),
        ("id_token", r#""id_token":"i""#),
        ("refresh_token", r#""refresh_token":"r""#),
        ("token_type", r#""token_type":"Bearer""#),
        ("expires_in", r#""expires_in":300"#),
    ];
    let others = members.iter().filter(|(other, _)| *other != name);
    let mut body: Vec<&str> = others.map(|(_, text)| *text).collect();
    body.extend(Some(member).filter(|member| !member.is_empty()));
    response(200, &format!("{{{}}}", body.join(",")))
}

/// Every way in which a member is missing: absent, null, empty, or of another type.
fn missing(name: &str) -> Vec<HttpResponse> {
    let mut answers = vec![answer(name, "")];
    for value in [
        "null",
        "\"\"",
        "7",
        "true",
        "[]",
        "[\"x\"]",
        "{}",
        "{\"x\":\"y\"}",
    ] {
        answers.push(answer(name, &format!("\"{name}\":{value}")));
    }
    answers
}

#[test]
fn a_sign_in_needs_an_access_token_and_an_id_token() {
    let unexpected = TokenError::Unexpected { status: 200 };
    for answer in missing("access_token") {
        let (body, expected) = (answer.text(), Err(unexpected.clone()));
        assert_eq!(parse_token_response(&answer), expected, "{body}");
        assert!(parse_renewal_response(&answer).is_err(), "{body}");
    }
    for answer in missing("id_token") {
        let (body, found) = (answer.text(), parse_token_response(&answer));
        assert_eq!(found, Err(TokenError::NoIdToken), "{body}");
    }
    for answer in missing("refresh_token") {
        let tokens = parse_token_response(&answer).unwrap().tokens;
        assert_eq!(tokens.refresh_token, None, "{}", answer.text());
    }
}

#[test]
fn a_renewal_needs_nothing_but_an_access_token() {
    let body =
        r#"{"access_token":"a2","refresh_token":"r2","token_type":"Bearer","expires_in":3600}"#;
    let expected = RenewalResponse {
        id_token: None,
        access_token: AccessToken::new("a2"),
        refresh_token: Some(RefreshToken::new("r2")),
        expires_in: Some(Duration::from_hours(1)),
    };
    let found = parse_renewal_response(&response(200, body));
    assert_eq!(found, Ok(expected));
    for answer in missing("id_token") {
        let renewed = parse_renewal_response(&answer).unwrap();
        assert_eq!(renewed.id_token, None, "{}", answer.text());
    }
    for answer in missing("refresh_token") {
        let renewed = parse_renewal_response(&answer).unwrap();
        assert_eq!(renewed.refresh_token, None, "{}", answer.text());
        assert_eq!(renewed.id_token, Some(IdToken::new("i")));
    }
    let odd = answer("token_type", r#""token_type":"DPoP""#);
    assert!(parse_renewal_response(&odd).is_ok());
}

#[test]
fn the_lifetime_is_a_number_in_whichever_form() {
    let five_minutes = Some(Duration::from_mins(5));
    for (written, expected) in [
        ("300", five_minutes),
        ("300.0", five_minutes),
        ("300.9", five_minutes),
        ("3e2", five_minutes),
        ("\"300\"", five_minutes),
        ("\" 300 \"", five_minutes),
        ("\"300.0\"", five_minutes),
        ("0", None),
        ("\"0\"", None),
        ("-300", None),
        ("\"-300\"", None),
        ("1e300", None),
        ("18446744073709551615", None),
        ("null", None),
        ("\"\"", None),
        ("\"5 minutes\"", None),
        ("\"NaN\"", None),
        ("\"[300]\"", None),
        ("[300]", None),
        ("{\"seconds\":300}", None),
        ("true", None),
        ("7,\"expires_in\":300", five_minutes),
    ] {
        let answer = answer("expires_in", &format!("\"expires_in\":{written}"));
        let found = parse_token_response(&answer).unwrap().expires_in;
        assert_eq!(found, expected, "{written}");
        let renewed = parse_renewal_response(&answer).unwrap().expires_in;
        assert_eq!(renewed, expected, "{written}");
    }
    assert_eq!(
        parse_token_response(&answer("expires_in", ""))
            .unwrap()
            .expires_in,
        None
    );
}

#[test]
fn a_sign_in_accepts_bearer_tokens_only() {
    for written in [
        "\"Bearer\"",
        "\"bearer\"",
        "\"BEARER\"",
        "null",
        "\"\"",
        "7",
        "[]",
    ] {
        let answer = answer("token_type", &format!("\"token_type\":{written}"));
        assert!(parse_token_response(&answer).is_ok(), "{written}");
    }
    assert!(parse_token_response(&answer("token_type", "")).is_ok());
    let found = parse_token_response(&answer("token_type", r#""token_type":"DPoP""#));
    assert_eq!(found, Err(TokenError::TokenType("DPoP".to_owned())));
}

#[test]
fn unknown_members_are_ignored_and_of_repeated_ones_the_last_counts() {
    let unknown = answer(
        "scope",
        r#""scope":["openid",7],"not-before-policy":0,"":null"#,
    );
    assert!(parse_token_response(&unknown).is_ok());
    let repeated = answer(
        "access_token",
        r#""access_token":"old","access_token":"a2""#,
    );
    let tokens = parse_token_response(&repeated).unwrap().tokens;
    assert_eq!(tokens.access_token, AccessToken::new("a2"));
}

#[test]
fn an_oauth_error_is_one_with_a_code_and_a_status_of_the_client() {
    let refused = |description: Option<&str>| TokenError::Refused {
        error: TokenErrorCode::InvalidGrant,
        description: description.map(str::to_owned),
    };
    let error = r#""error":"invalid_grant""#;
    for (status, body, expected) in [
        (400, error.to_owned(), refused(None)),
        (401, error.to_owned(), refused(None)),
        (200, error.to_owned(), refused(None)),
        (400, format!(r#"{error},"access_token":"a""#), refused(None)),
        (
            400,
            format!(r#"{error},"error_description":"used""#),
            refused(Some("used")),
        ),
        (
            400,
            format!(r#"{error},"error_description":["used"]"#),
            refused(None),
        ),
        (
            400,
            format!(r#"{error},"error_description":null,"error_uri":7"#),
            refused(None),
        ),
        (400, format!(r#""error":7,{error}"#), refused(None)),
        (
            503,
            error.to_owned(),
            TokenError::Unexpected { status: 503 },
        ),
        (
            302,
            error.to_owned(),
            TokenError::Unexpected { status: 302 },
        ),
        (400, String::new(), TokenError::Unexpected { status: 400 }),
        (
            400,
            r#""error":null"#.to_owned(),
            TokenError::Unexpected { status: 400 },
        ),
        (
            400,
            r#""error":"""#.to_owned(),
            TokenError::Unexpected { status: 400 },
        ),
        (
            400,
            r#""error":{"code":"x"}"#.to_owned(),
            TokenError::Unexpected { status: 400 },
        ),
        (
            400,
            r#""access_token":"a","id_token":"i""#.to_owned(),
            TokenError::Unexpected { status: 400 },
        ),
    ] {
        let response = response(status, &format!("{{{body}}}"));
        assert_eq!(
            parse_token_response(&response),
            Err(expected.clone()),
            "{status} {body}"
        );
        assert_eq!(
            parse_renewal_response(&response),
            Err(expected),
            "{status} {body}"
        );
    }
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

/// Any JSON value, as text.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| format!("{value:e}")),
        ".{0,20}".prop_map(|text: String| Value::String(text).to_string()),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(",")))
    })
}

proptest! {
    #[test]
    fn never_panics_on_any_answer(status in 100_u16..600, body in ".{0,200}") {
        let _ = parse_token_response(&response(status, &body));
        let _ = parse_renewal_response(&response(status, &body));
    }

    #[test]
    fn an_odd_member_never_loses_the_others(name in "[a-z_]{1,12}", value in json_text()) {
        let odd = answer("", &format!("\"x{name}\":{value}"));
        let renewed = parse_renewal_response(&odd).unwrap();
        prop_assert_eq!(renewed.refresh_token, Some(RefreshToken::new("r")));
        for name in ["id_token", "expires_in", "token_type"] {
            let odd = answer(name, &format!("\"{name}\":{value}"));
            let renewed = parse_renewal_response(&odd).unwrap();
            prop_assert_eq!(renewed.refresh_token, Some(RefreshToken::new("r")));
        }
    }
}
