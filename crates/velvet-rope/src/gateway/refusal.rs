//! Why a gateway refused: status, error type and message, read together, because API Gateway answers a
//! dozen different causes with 403. Sources: API Gateway Developer Guide, "Gateway response types", and
//! captured answers (docs/troubleshooting.md lists them).
//!
//! A body alone proves nothing: the API behind the gateway may pass on the text of an AWS service that refused the API
//! itself. The words of a body choose the message that users read. What the client does about a refusal depends on the
//! header `x-amzn-errortype`, which comes from the gateway.

mod denial;

use serde_json::Value;

pub use self::denial::{Denial, DenialReason, read_denial};
use crate::http::HttpResponse;
use crate::json;
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
        /// The gateway's time, from its message; `None` when the header `x-amzn-errortype` does not confirm the
        /// message, because it is absent or hidden by CORS.
        server_time: Option<Timestamp>,
    },
    /// 403 `Signature not yet current`: this device's clock is ahead.
    SignatureNotYetCurrent {
        /// The gateway's time, from its message; `None` when the header `x-amzn-errortype` does not confirm the
        /// message, because it is absent or hidden by CORS.
        server_time: Option<Timestamp>,
    },
    /// 403 `Credential should be scoped to …`: signed for another region, service or day.
    WrongScope,
    /// 403 `The request signature we calculated does not match`.
    SignatureMismatch,
    /// 403 `User: … is not authorized to perform: execute-api:Invoke`: the role lacks the permission. [`read_denial`] reads
    /// role and route from the message.
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
    let message = read_message(&response.text());
    let error_type = response.error_type().unwrap_or_default();
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
/// hide the header, and one type covers several messages.
fn read_forbidden(error_type: &str, message: &str) -> Refusal {
    let has = |part: &str| message.contains(part);
    let server_time = || {
        let confirmed = error_type == "InvalidSignatureException";
        server_time(message).filter(|_| confirmed)
    };
    if has("Signature expired:") {
        Refusal::SignatureExpired {
            server_time: server_time(),
        }
    } else if has("Signature not yet current:") {
        Refusal::SignatureNotYetCurrent {
            server_time: server_time(),
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
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    let message = json::text(&value, "message").or_else(|| json::text(&value, "Message"));
    message.unwrap_or_default()
}

/// The gateway's own time stands in the parentheses: `(20230601T135950Z - 5 min.)`.
fn server_time(message: &str) -> Option<Timestamp> {
    let inside = message.rsplit_once('(')?.1;
    Timestamp::from_iso8601_basic(inside.get(..16)?)
}

#[cfg(test)]
mod tests;
