//! Why a gateway refused: status, error type and message, read together, because API Gateway answers a
//! dozen different causes with 403. Sources: API Gateway Developer Guide, "Gateway response types", and
//! captured answers (docs/troubleshooting.md lists them).

use serde_json::Value;

use crate::http::HttpResponse;
use crate::time::Timestamp;

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 403 `Missing Authentication Token`: no such route or method, or an unsigned call to a signed route.
    NoSuchRouteOrUnsigned,
    /// 403: the `Authorization` header is not a signature. Also what an unknown route answers to a bearer token.
    IncompleteSignature,
    /// 403 `The security token included in the request is invalid`: access key or session token unknown.
    InvalidSecurityToken,
    /// 403 `The security token included in the request is expired`.
    ExpiredSecurityToken,
    /// 403 `Signature expired`: this device's clock is behind.
    SignatureExpired {
        /// The gateway's time, from its message.
        server_time: Option<Timestamp>,
    },
    /// 403 `Signature not yet current`: this device's clock is ahead.
    SignatureNotYetCurrent {
        /// The gateway's time, from its message.
        server_time: Option<Timestamp>,
    },
    /// 403 `Credential should be scoped to …`: signed for another region, service or day.
    WrongScope,
    /// 403 `The request signature we calculated does not match`.
    SignatureMismatch,
    /// 403 `User: … is not authorized to perform: execute-api:Invoke`: the role lacks the permission.
    AccessDenied,
    /// 403 `User is not authorized to access this resource`: an authorizer said no.
    AuthorizerDenied,
    /// 403 `Forbidden`: the API key is missing, unknown, disabled or not in a usage plan of this stage.
    ApiKey,
    /// 403 with a message that is none of the above.
    Forbidden,
    /// 401: the authorizer wants a token, or another one.
    Unauthorized,
    /// 429 `Too Many Requests`: the rate or burst limit of the usage plan.
    Throttled,
    /// 429 `Limit Exceeded`: the quota of the usage plan is used up.
    QuotaExceeded,
    /// 413: the body is larger than the gateway takes.
    TooLarge,
    /// 415: the gateway does not take this content type.
    UnsupportedMediaType,
    /// 404: the API itself knows no such thing.
    NotFound,
    /// Any other 4xx: the request itself is at fault.
    BadRequest,
    /// 502: what stands behind the gateway failed or answered nonsense.
    IntegrationFailed,
    /// 504: what stands behind the gateway took too long.
    IntegrationTimedOut,
    /// Any other 5xx, 500 of a broken authorizer among them.
    ServerFailed,
}

/// Reads why an answer of 400 or above was given.
#[must_use]
pub fn read_refusal(response: &HttpResponse) -> Refusal {
    let message = read_message(&response.body);
    let error_type = response.header("x-amzn-errortype").unwrap_or_default();
    // Errors of AWS services carry the name with a colon and an address behind it.
    let error_type = error_type.split(':').next().unwrap_or_default();
    match response.status {
        401 => Refusal::Unauthorized,
        403 => read_forbidden(error_type, &message),
        404 => Refusal::NotFound,
        413 => Refusal::TooLarge,
        415 => Refusal::UnsupportedMediaType,
        429 if error_type == "LimitExceededException" || message == "Limit Exceeded" => {
            Refusal::QuotaExceeded
        }
        429 => Refusal::Throttled,
        400..500 => Refusal::BadRequest,
        502 => Refusal::IntegrationFailed,
        504 => Refusal::IntegrationTimedOut,
        _ => Refusal::ServerFailed,
    }
}

/// The message decides before the error type does: a customised gateway response keeps the message but may
/// hide the header, and one type stands for several messages.
fn read_forbidden(error_type: &str, message: &str) -> Refusal {
    let has = |part: &str| message.contains(part);
    if has("Signature expired:") {
        Refusal::SignatureExpired {
            server_time: server_time(message),
        }
    } else if has("Signature not yet current:") {
        Refusal::SignatureNotYetCurrent {
            server_time: server_time(message),
        }
    } else if has("Credential should be scoped") || has("Date in Credential scope does not match") {
        Refusal::WrongScope
    } else if has("signature we calculated does not match") {
        Refusal::SignatureMismatch
    } else if has("security token included in the request is expired") {
        Refusal::ExpiredSecurityToken
    } else if has("security token included in the request is invalid") {
        Refusal::InvalidSecurityToken
    } else if has("is not authorized to perform") {
        Refusal::AccessDenied
    } else if has("is not authorized to access this resource") {
        Refusal::AuthorizerDenied
    } else if has("Missing Authentication Token") {
        Refusal::NoSuchRouteOrUnsigned
    } else if has("key=value pair") || has("Authorization header requires") {
        Refusal::IncompleteSignature
    } else {
        read_forbidden_type(error_type, message)
    }
}

fn read_forbidden_type(error_type: &str, message: &str) -> Refusal {
    match error_type {
        "MissingAuthenticationTokenException" => Refusal::NoSuchRouteOrUnsigned,
        "IncompleteSignatureException" => Refusal::IncompleteSignature,
        "UnrecognizedClientException" => Refusal::InvalidSecurityToken,
        "ExpiredTokenException" => Refusal::ExpiredSecurityToken,
        "InvalidSignatureException" => Refusal::SignatureMismatch,
        "AccessDeniedException" => Refusal::AccessDenied,
        "ForbiddenException" => Refusal::ApiKey,
        _ if message == "Forbidden" => Refusal::ApiKey,
        _ => Refusal::Forbidden,
    }
}

/// `message`, or `Message` as `ACCESS_DENIED` alone writes it, or the whole body when it is not JSON.
fn read_message(body: &str) -> String {
    let value: Option<Value> = serde_json::from_str(body).ok();
    let text = value
        .as_ref()
        .and_then(|value| value.get("message").or(value.get("Message")));
    match (text.and_then(Value::as_str), value.is_some()) {
        (Some(text), _) => text.to_owned(),
        (None, true) => String::new(),
        (None, false) => body.to_owned(),
    }
}

/// The gateway's own time stands in the parentheses: `(20230601T135950Z - 5 min.)`.
fn server_time(message: &str) -> Option<Timestamp> {
    let inside = message.rsplit_once('(')?.1;
    Timestamp::from_iso8601_basic(inside.get(..16)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refusal(status: u16, error_type: &str, body: &str) -> Refusal {
        let headers = vec![("x-amzn-errortype".to_owned(), error_type.to_owned())];
        read_refusal(&HttpResponse {
            status,
            headers,
            body: body.into(),
            elapsed: Duration::ZERO,
        })
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
    fn needs_no_header_that_the_browser_may_hide() {
        for (_, message, expected) in captured() {
            let body = json!({ "Message": message }).to_string();
            assert_eq!(refusal(403, "", &body), expected, "{message}");
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

    proptest! {
        #[test]
        fn never_panics_on_any_answer(status in 400_u16..600, error_type in ".{0,30}", body in ".{0,200}") {
            let _ = refusal(status, &error_type, &body);
            let _ = refusal(status, &error_type, &format!("Signature expired: ({body}"));
        }
    }
}
