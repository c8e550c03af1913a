//! Captured refusals, and what is left of them when the header is hidden.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn refusal(status: u16, error_type: &str, body: &str) -> Refusal {
    let headers = vec![("x-amzn-errortype".to_owned(), error_type.to_owned())];
    read_refusal(&HttpResponse::new(status, headers, body))
}

const SIGNATURE_MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
    Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n\
    The Canonical String for this request should have been\n'GET\n/latest/a'\n";
const NO_EQUAL_SIGN: &str = "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
    SHA-256 and encoded with Base64): 'MZ1DdfK/poPwXem5nlPM'.";
const NO_CREDENTIAL: &str = "Authorization header requires 'Credential' parameter. Authorization header requires \
    'Signature' parameter.";
const NOT_ALLOWED: &str = "User: arn:aws:sts::111122223333:assumed-role/R/CognitoIdentityCredentials is not \
    authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:API/STAGE/GET/x \
    because no identity-based policy allows the execute-api:Invoke action";
const DENIED: &str = "User is not authorized to access this resource with an explicit deny in an identity-based policy";
const EXPIRED: &str = "Signature expired: 20230601T095950Z is now earlier than 20230601T135450Z (20230601T135950Z - 5 min.)";
const NOT_YET: &str = "Signature not yet current: 20230804T000000Z is still later than 20230803T172233Z (20230803T171733Z + 5 min.)";

fn captured() -> Vec<(&'static str, &'static str, Refusal)> {
    let time = Timestamp::from_iso8601_basic;
    vec![
        (
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
            Refusal::NoSuchRouteOrUnsigned,
        ),
        (
            "IncompleteSignatureException",
            NO_EQUAL_SIGN,
            Refusal::IncompleteSignature,
        ),
        (
            "IncompleteSignatureException",
            NO_CREDENTIAL,
            Refusal::IncompleteSignature,
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            Refusal::InvalidSecurityToken,
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
            Refusal::InvalidSecurityToken,
        ),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            Refusal::ExpiredSecurityToken,
        ),
        (
            "InvalidSignatureException",
            EXPIRED,
            Refusal::SignatureExpired {
                server_time: time("20230601T135950Z"),
            },
        ),
        (
            "InvalidSignatureException",
            NOT_YET,
            Refusal::SignatureNotYetCurrent {
                server_time: time("20230803T171733Z"),
            },
        ),
        (
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. ",
            Refusal::WrongScope,
        ),
        (
            "InvalidSignatureException",
            SIGNATURE_MISMATCH,
            Refusal::SignatureMismatch,
        ),
        ("AccessDeniedException", NOT_ALLOWED, Refusal::AccessDenied),
        ("AccessDeniedException", DENIED, Refusal::AuthorizerDenied),
        ("ForbiddenException", "Forbidden", Refusal::ApiKey),
    ]
}

#[test]
fn tells_every_captured_403_apart() {
    for (error_type, message, expected) in captured() {
        let body = json!({ "message": message }).to_string();
        assert_eq!(refusal(403, error_type, &body), expected, "{message}");
    }
}

#[test]
fn names_the_cause_without_the_header_that_the_browser_may_hide() {
    for (_, message, expected) in captured() {
        let expected = match expected {
            Refusal::SignatureExpired { .. } => Refusal::SignatureExpired { server_time: None },
            Refusal::SignatureNotYetCurrent { .. } => {
                Refusal::SignatureNotYetCurrent { server_time: None }
            }
            other => other,
        };
        let body = json!({ "Message": message }).to_string();
        assert_eq!(refusal(403, "", &body), expected, "{message}");
        let answer = HttpResponse::new(403, vec![], body);
        assert_eq!(read_refusal(&answer), expected, "{message}");
    }
}

#[test]
fn takes_the_time_from_the_gateway_only() {
    let body = json!({ "message": EXPIRED }).to_string();
    let server_time = Timestamp::from_iso8601_basic("20230601T135950Z");
    for confirmed in [
        "InvalidSignatureException",
        "InvalidSignatureException:http://internal.amazon.com/",
    ] {
        assert_eq!(
            refusal(403, confirmed, &body),
            Refusal::SignatureExpired { server_time }
        );
    }
    for other in [
        "",
        "AccessDeniedException",
        "InvalidSignatureExceptions",
        "x",
        "invalidsignatureexception",
    ] {
        let expected = Refusal::SignatureExpired { server_time: None };
        assert_eq!(refusal(403, other, &body), expected, "{other}");
    }
}

#[test]
fn the_message_is_a_text_under_either_name_or_the_whole_body() {
    for body in [
        r#"{"message":"Forbidden"}"#,
        r#"{"Message":"Forbidden"}"#,
        r#"{"message":null,"Message":"Forbidden"}"#,
        r#"{"message":"","Message":"Forbidden"}"#,
        r#"{"message":["x"],"Message":"Forbidden","more":{}}"#,
        r#"{"message":"other","message":"Forbidden"}"#,
        "Forbidden",
    ] {
        assert_eq!(refusal(403, "", body), Refusal::ApiKey, "{body}");
    }
    for body in [
        r#"{"message":7}"#,
        r#"{"message":{"message":"Forbidden"}}"#,
        r#"["Forbidden"]"#,
        "null",
        "",
        "{}",
    ] {
        assert_eq!(refusal(403, "", body), Refusal::Forbidden, "{body}");
    }
}

#[test]
fn tells_the_two_kinds_of_429_apart() {
    let throttled = refusal(
        429,
        "TooManyRequestsException",
        r#"{"message":"Too Many Requests"}"#,
    );
    assert_eq!(throttled, Refusal::Throttled);
    assert_eq!(
        refusal(429, "", r#"{"message":"Limit Exceeded"}"#),
        Refusal::QuotaExceeded
    );
    assert_eq!(
        refusal(429, "LimitExceededException", "{}"),
        Refusal::QuotaExceeded
    );
}

#[test]
fn knows_the_other_statuses() {
    assert_eq!(
        refusal(
            401,
            "UnauthorizedException",
            r#"{"message":"Unauthorized"}"#
        ),
        Refusal::Unauthorized
    );
    assert_eq!(
        refusal(400, "BadRequestException", "{}"),
        Refusal::BadRequest
    );
    assert_eq!(
        refusal(
            500,
            "AuthorizerConfigurationException",
            r#"{"message":null}"#
        ),
        Refusal::ServerFailed
    );
    assert_eq!(
        refusal(502, "", r#"{"message": "Internal server error"}"#),
        Refusal::IntegrationFailed
    );
    assert_eq!(
        refusal(504, "", r#"{"message": "Endpoint request timed out"}"#),
        Refusal::IntegrationTimedOut
    );
    assert_eq!(refusal(403, "", r#"{"message":"No."}"#), Refusal::Forbidden);
}

#[test]
fn a_denial_names_role_route_and_policy() {
    let denial = read_denial(&json!({ "Message": NOT_ALLOWED }).to_string()).unwrap();
    let caller = "arn:aws:sts::111122223333:assumed-role/R/CognitoIdentityCredentials";
    assert_eq!(denial.caller, caller);
    assert_eq!(denial.role.as_deref(), Some("R"));
    assert_eq!(denial.action, "execute-api:Invoke");
    let route = "arn:aws:execute-api:eu-west-1:********3333:API/STAGE/GET/x";
    assert_eq!(denial.resource, route);
    let policy = Some("identity-based policy".to_owned());
    assert_eq!(denial.reason, DenialReason::NotAllowed { policy });
}

#[test]
fn a_denial_says_whether_a_policy_forbids_the_call() {
    let start =
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:x";
    for (end, expected) in [
        ("", DenialReason::NotAllowed { policy: None }),
        (
            " because no resource-based policy allows the execute-api:Invoke action",
            DenialReason::NotAllowed {
                policy: Some("resource-based policy".into()),
            },
        ),
        (
            " with an explicit deny",
            DenialReason::Forbidden { policy: None },
        ),
        (
            " with an explicit deny in a resource-based policy",
            DenialReason::Forbidden {
                policy: Some("resource-based policy".into()),
            },
        ),
        (
            " with an explicit deny in an identity-based policy",
            DenialReason::Forbidden {
                policy: Some("identity-based policy".into()),
            },
        ),
    ] {
        let denial = read_denial(&[start, end].concat()).unwrap();
        assert_eq!((denial.role, &*denial.resource), (None, "arn:x"), "{end}");
        assert_eq!(denial.reason, expected, "{end}");
    }
    for other in [
        DENIED,
        "Forbidden",
        "",
        "User: x is not authorized to perform: y",
    ] {
        assert_eq!(read_denial(other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn never_panics_on_any_answer(status in 400_u16..600, error_type in ".{0,30}", body in ".{0,200}") {
        let _ = refusal(status, &error_type, &body);
        let _ = refusal(status, &error_type, &format!("Signature expired: ({body}"));
        let _ = read_denial(&format!("User: {body} is not authorized to perform: {error_type} on resource: {body}"));
    }
}
