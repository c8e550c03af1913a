//! Requests to the identity pool, and its answers member by member.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::time::Timestamp;

fn pool() -> IdentityPool {
    IdentityPool {
        id: "eu-west-1:p".into(),
        endpoint: "https://cognito-identity.eu-west-1.amazonaws.com".into(),
        guest_access: false,
    }
}

fn login() -> Login {
    Login {
        provider: "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A".into(),
        id_token: IdToken::new("jwt"),
    }
}

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(status, vec![], body)
}

#[test]
fn both_requests_carry_the_login_and_the_same_header_names() {
    let get_id = id_request(&pool(), Some(&login()));
    let get_credentials = credentials_request(&pool(), "eu-west-1:i", Some(&login()), None);
    let logins = r#""Logins":{"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A":"jwt"}"#;
    assert_eq!(
        get_id.body.text(),
        format!(r#"{{"IdentityPoolId":"eu-west-1:p",{logins}}}"#)
    );
    assert_eq!(
        get_credentials.body.text(),
        format!(r#"{{"IdentityId":"eu-west-1:i",{logins}}}"#)
    );
    let names = |request: &HttpRequest| {
        request
            .headers
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&get_id), names(&get_credentials));
}

#[test]
fn a_guest_has_no_login_and_a_login_may_choose_its_role() {
    let guest = id_request(&pool(), None);
    assert_eq!(guest.body, r#"{"IdentityPoolId":"eu-west-1:p"}"#);
    let role = Some("arn:aws:iam::1:role/a");
    let request = credentials_request(&pool(), "i", Some(&login()), role);
    assert!(
        request
            .body
            .text()
            .contains(r#""CustomRoleArn":"arn:aws:iam::1:role/a""#),
        "{}",
        request.body.text()
    );
}

#[test]
fn reads_an_expiration_written_as_integer_fraction_or_exponent() {
    for (written, expected) in [
        ("1700000000", 1_700_000_000),
        ("1480453851.5", 1_480_453_851),
        ("1.480453851E9", 1_480_453_851),
    ] {
        let body = format!(
            r#"{{"IdentityId":"i","Credentials":{{"AccessKeyId":"A","SecretKey":"S","SessionToken":"T","Expiration":{written}}}}}"#
        );
        let credentials = parse_credentials_response(&response(200, &body)).unwrap();
        assert_eq!(credentials.expiration, Timestamp(expected));
        assert_eq!(credentials.secret_access_key.secret(), "S");
    }
}

#[test]
fn tells_the_causes_apart_that_share_one_exception() {
    let cases = [
        (
            "NotAuthorizedException",
            "Token is not from a supported provider of this identity pool.",
            IdentityPoolError::NotLinked,
        ),
        (
            "NotAuthorizedException",
            "Invalid login token. Token expired: 1754028847 >= 1754027905",
            IdentityPoolError::TokenExpired,
        ),
        (
            "NotAuthorizedException",
            "Invalid login token. Issuer doesn't match providerName",
            IdentityPoolError::IssuerMismatch,
        ),
        (
            "NotAuthorizedException",
            "Token is inactive",
            IdentityPoolError::TokenInactive,
        ),
        (
            "NotAuthorizedException",
            "Access to Identity 'us-east-1:1' is forbidden.",
            IdentityPoolError::IdentityForbidden,
        ),
        (
            "NotAuthorizedException",
            "Logins don't match. Please include at least one valid login for this identity or identity pool.",
            IdentityPoolError::IdentityForbidden,
        ),
        (
            "NotAuthorizedException",
            "Unauthenticated access is not supported for this identity pool.",
            IdentityPoolError::GuestsNotAllowed,
        ),
        (
            "com.amazonaws.cognito#InvalidIdentityPoolConfigurationException",
            "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
            IdentityPoolError::NoRole,
        ),
        (
            "ResourceNotFoundException",
            "IdentityPool 'us-west-2:1' not found.",
            IdentityPoolError::PoolNotFound,
        ),
        (
            "ResourceNotFoundException",
            "Identity 'eu-west-1:11111111-2222-3333-4444-555555555555' not found.",
            IdentityPoolError::IdentityNotFound,
        ),
        (
            "ResourceNotFoundException",
            "",
            IdentityPoolError::PoolNotFound,
        ),
        (
            "TooManyRequestsException",
            "Rate exceeded",
            IdentityPoolError::Throttled,
        ),
    ];
    for (code, message, expected) in cases {
        let body = json!({ "__type": code, "message": message }).to_string();
        assert_eq!(
            parse_id_response(&response(400, &body)),
            Err(expected),
            "{message}"
        );
    }
}

#[test]
fn keeps_the_words_of_what_it_does_not_know() {
    let found = parse_id_response(&response(
        400,
        r#"{"__type":"NewException","message":"why"}"#,
    ));
    assert_eq!(
        found,
        Err(IdentityPoolError::Refused {
            code: "NewException".into(),
            message: "why".into()
        })
    );
    assert_eq!(
        parse_id_response(&response(503, "down")),
        Err(IdentityPoolError::Unexpected { status: 503 })
    );
    assert_eq!(
        parse_id_response(&response(200, "{}")),
        Err(IdentityPoolError::Unexpected { status: 200 })
    );
}

/// A good answer with the member at `path` replaced by `value`, or removed.
fn with_member(path: &[&str], value: Option<&Value>) -> HttpResponse {
    let mut reply = json!({ "IdentityId": "i", "Credentials": {
        "AccessKeyId": "A", "SecretKey": "S", "SessionToken": "T", "Expiration": 1_700_000_000
    } });
    let (last, parents) = path.split_last().unwrap();
    let mut object = &mut reply;
    for parent in parents {
        object = &mut object[*parent];
    }
    match value {
        Some(value) => object[*last] = value.clone(),
        None => drop(object.as_object_mut().unwrap().remove(*last)),
    }
    response(200, &reply.to_string())
}

#[test]
fn an_answer_without_a_member_that_is_needed_is_unexpected() {
    let odd = [
        Value::Null,
        json!(""),
        json!(true),
        json!([]),
        json!(["x"]),
        json!({}),
        json!("soon"),
    ];
    let texts: [&[&str]; 4] = [
        &["IdentityId"],
        &["Credentials", "AccessKeyId"],
        &["Credentials", "SecretKey"],
        &["Credentials", "SessionToken"],
    ];
    let unexpected = IdentityPoolError::Unexpected { status: 200 };
    let mut refused = Vec::new();
    for path in texts {
        // "soon" is a text like any other.
        refused.extend(
            odd[..odd.len() - 1]
                .iter()
                .map(|value| with_member(path, Some(value))),
        );
        refused.push(with_member(path, Some(&json!(7))));
        refused.push(with_member(path, None));
    }
    for path in [&["Credentials"][..], &["Credentials", "Expiration"]] {
        refused.extend(odd.iter().map(|value| with_member(path, Some(value))));
        refused.push(with_member(path, None));
    }
    for answer in refused {
        let found = parse_credentials_response(&answer);
        assert_eq!(found, Err(unexpected.clone()), "{}", answer.text());
    }
    for value in odd[..odd.len() - 1].iter().map(Some).chain([None]) {
        let answer = with_member(&["IdentityId"], value);
        assert_eq!(
            parse_id_response(&answer),
            Err(unexpected.clone()),
            "{}",
            answer.text()
        );
    }
    for value in [
        json!(1_700_000_000.9),
        json!(1.7e9),
        json!("1700000000"),
        json!("1.7E9"),
    ] {
        let answer = with_member(&["Credentials", "Expiration"], Some(&value));
        let credentials = parse_credentials_response(&answer).unwrap();
        assert_eq!(credentials.expiration, Timestamp(1_700_000_000), "{value}");
    }
    let unknown = with_member(&["Credentials", "AccountId"], Some(&json!([7])));
    assert!(parse_credentials_response(&unknown).is_ok());
    let repeated = r#"{"IdentityId":"old","IdentityId":"new"}"#;
    assert_eq!(
        parse_id_response(&response(200, repeated)).as_deref(),
        Ok("new")
    );
}

#[test]
fn reads_an_exception_in_each_of_its_forms() {
    let expected = Err(IdentityPoolError::Throttled);
    for body in [
        r#"{"__type":"TooManyRequestsException"}"#,
        r#"{"__type":"TooManyRequestsException","message":null}"#,
        r#"{"__type":"TooManyRequestsException:http://internal.amazon.com/","message":["x"]}"#,
        r#"{"__type":"com.amazonaws#TooManyRequestsException","Message":7,"code":7}"#,
        r#"{"__type":"other","__type":"TooManyRequestsException"}"#,
    ] {
        assert_eq!(parse_id_response(&response(400, body)), expected, "{body}");
    }
    for body in [
        "{}",
        r#"{"__type":null}"#,
        r#"{"__type":""}"#,
        r#"{"__type":7}"#,
        r#"{"message":"Rate exceeded"}"#,
    ] {
        let mut answer = response(400, body);
        let unexpected = Err(IdentityPoolError::Unexpected { status: 400 });
        assert_eq!(parse_id_response(&answer), unexpected, "{body}");
        let error_type = "TooManyRequestsException:".to_owned();
        answer
            .headers
            .push(("x-amzn-errortype".to_owned(), error_type));
        assert_eq!(parse_id_response(&answer), expected, "{body}");
    }
    let named = |member: &str| {
        let body = format!(
            r#"{{"__type":"ResourceNotFoundException","{member}":"Identity 'a' not found."}}"#
        );
        parse_id_response(&response(400, &body))
    };
    assert_eq!(named("message"), Err(IdentityPoolError::IdentityNotFound));
    assert_eq!(named("Message"), Err(IdentityPoolError::IdentityNotFound));
}

proptest! {
    #[test]
    fn never_panics_on_any_answer(status in 100_u16..600, body in ".{0,200}") {
        let _ = parse_id_response(&response(status, &body));
        let _ = parse_credentials_response(&response(status, &body));
    }
}
