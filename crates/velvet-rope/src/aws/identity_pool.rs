//! Amazon Cognito Identity: `GetId` and `GetCredentialsForIdentity` (API reference of 2014-06-30), each as a function
//! that builds the request and one that reads the answer.
//!
//! It is the "enhanced flow": the identity pool assumes the role, the browser does not call STS. Neither operation is
//! signed; the ID token in the body proves who asks. Source: Amazon Cognito Developer Guide, "Identity pools
//! authentication flow".

use serde_json::Value;
use thiserror::Error;

use super::credentials::{Credentials, SecretAccessKey, SessionToken};
use crate::config::IdentityPool;
use crate::http::{HttpRequest, HttpResponse, Method, aws_error_name};
use crate::json;
use crate::oauth::tokens::IdToken;

/// Proof of a sign-in: the provider's name as the identity pool knows it, and its ID token.
///
/// The identity pool checks signature, issuer, audience and expiry of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The provider: `cognito-idp.<region>.amazonaws.com/<user pool id>`.
    /// For other OpenID Connect providers the issuer without `https://`.
    pub provider: String,
    /// The ID token.
    pub id_token: IdToken,
}

/// Why the identity pool gave no credentials. The variants follow the exceptions and messages of AWS; the message is part
/// of a variant where it says more.
///
/// `Display` is for developers. Most variants are mistakes of the setup and not of the user: the messages of the
/// console name the setting to change. Only [`Throttled`](Self::Throttled) and statuses of 500 and above are worth a
/// second attempt.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityPoolError {
    /// The pool does not list this user pool and app client as a provider.
    /// Usually another app client, or a pool of another environment.
    #[error("the identity pool does not accept tokens of this user pool and app client")]
    NotLinked,
    /// The ID token is past its expiry.
    /// The session renews the tokens and asks once more.
    #[error("the identity pool says that the ID token has expired")]
    TokenExpired,
    /// The ID token's issuer is not the provider it was sent for.
    #[error("the ID token's issuer does not match the provider name")]
    IssuerMismatch,
    /// The user was disabled, deleted or signed out everywhere.
    /// Only for pools with `ServerSideTokenCheck`.
    #[error("the user pool says that the token is no longer active")]
    TokenInactive,
    /// The ID token is not valid for another reason.
    #[error("the identity pool does not accept the ID token: {0}")]
    InvalidToken(String),
    /// The identity was deleted from the pool.
    /// The session forgets the remembered identity and asks once more.
    #[error("the identity pool has no such identity")]
    IdentityNotFound,
    /// The remembered identity belongs to another login.
    /// The session forgets it and asks once more.
    #[error("the identity belongs to another login")]
    IdentityForbidden,
    /// The user may not choose the role that was chosen.
    /// It is not among the roles of the ID token, or the pool does not use roles of tokens.
    #[error("the identity pool does not let this user choose that role")]
    RoleNotAllowed,
    /// The pool gives guests no credentials.
    #[error("the identity pool gives no guest credentials")]
    GuestsNotAllowed,
    /// The pool has no role for this user, or the role does not trust the pool.
    #[error("the identity pool has no role that this user may assume")]
    NoRole,
    /// There is no such pool in this region.
    #[error("there is no such identity pool")]
    PoolNotFound,
    /// Too many calls.
    #[error("the identity pool answers too many requests")]
    Throttled,
    /// Anything else that AWS names.
    #[error("the identity pool answered {code}: {message}")]
    Refused {
        /// The exception's name.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// An answer that is neither a result nor an exception.
    #[error("the identity pool answered {status} with something unexpected")]
    Unexpected {
        /// The status code.
        status: u16,
    },
}

/// The request for the identity of a login, which is always the same for the same user; without a login, for a new
/// guest identity.
///
/// The app stores the identity with the session, so that a reload does not need this request.
#[must_use]
pub fn id_request(pool: &IdentityPool, login: Option<&Login>) -> HttpRequest {
    let body = json::record([("IdentityPoolId", pool.id.as_str().into())]);
    request(pool, "GetId", body, login)
}

/// The request for credentials of an identity, with the role that the user chose, if any.
///
/// `role` is an ARN, the parameter `CustomRoleArn`; it must be among the roles of the ID token.
#[must_use]
pub fn credentials_request(
    pool: &IdentityPool,
    identity_id: &str,
    login: Option<&Login>,
    role: Option<&str>,
) -> HttpRequest {
    let mut body = json::record([("IdentityId", identity_id.into())]);
    if let Some(role) = role {
        json::set(&mut body, "CustomRoleArn", role);
    }
    request(pool, "GetCredentialsForIdentity", body, login)
}

/// Both operations carry the same header names, so one preflight covers both.
fn request(
    pool: &IdentityPool,
    operation: &str,
    mut body: Value,
    login: Option<&Login>,
) -> HttpRequest {
    if let Some(login) = login {
        let logins = json::record([(&login.provider, login.id_token.secret().into())]);
        json::set(&mut body, "Logins", logins);
    }
    HttpRequest::new(Method::Post, format!("{}/", pool.endpoint))
        .header("content-type", "application/x-amz-json-1.1")
        .header(
            "x-amz-target",
            format!("AWSCognitoIdentityService.{operation}"),
        )
        .body(json::write(&body))
}

/// Reads the answer to [`id_request`]: the identity id.
///
/// # Errors
/// [`IdentityPoolError`] when there is none.
pub fn parse_id_response(response: &HttpResponse) -> Result<String, IdentityPoolError> {
    json::text(&success(response)?, "IdentityId").ok_or_else(|| unexpected(response))
}

/// Reads the answer to [`credentials_request`]. The identity in it can differ from the one that was asked
/// for, after identities were merged; it is the one that counts.
///
/// # Errors
/// [`IdentityPoolError`] when there are no credentials in it.
pub fn parse_credentials_response(
    response: &HttpResponse,
) -> Result<Credentials, IdentityPoolError> {
    read_credentials(&success(response)?).ok_or_else(|| unexpected(response))
}

/// The member is called `SecretKey` here, and `Expiration` is a number.
fn read_credentials(reply: &Value) -> Option<Credentials> {
    let credentials = reply.get("Credentials")?;
    Some(Credentials {
        identity_id: json::text(reply, "IdentityId")?,
        access_key_id: json::text(credentials, "AccessKeyId")?,
        secret_access_key: SecretAccessKey::new(json::text(credentials, "SecretKey")?),
        session_token: Some(SessionToken::new(json::text(credentials, "SessionToken")?)),
        expiration: json::time(credentials, "Expiration")?,
    })
}

/// The name of an exception is in the body as `__type`, or in the header `x-amzn-errortype` where CORS shows it.
fn success(response: &HttpResponse) -> Result<Value, IdentityPoolError> {
    let reply = json::object(&response.text()).ok_or_else(|| unexpected(response))?;
    if response.is_success() {
        return Ok(reply);
    }
    let code = json::text(&reply, "__type");
    let code = code
        .as_deref()
        .map(aws_error_name)
        .or(response.error_type());
    Err(code.map_or_else(|| unexpected(response), |code| read_exception(code, &reply)))
}

/// The body is not part of the error: it can contain credentials.
fn unexpected(response: &HttpResponse) -> IdentityPoolError {
    IdentityPoolError::Unexpected {
        status: response.status,
    }
}

/// AWS spells the member `message` or `Message`, depending on the exception.
fn read_exception(code: &str, reply: &Value) -> IdentityPoolError {
    let message = json::text(reply, "message")
        .or_else(|| json::text(reply, "Message"))
        .unwrap_or_default();
    match code {
        "TooManyRequestsException" => IdentityPoolError::Throttled,
        "InvalidIdentityPoolConfigurationException" => IdentityPoolError::NoRole,
        // The message names what was not found: `Identity '…'` or `IdentityPool '…'`.
        "ResourceNotFoundException" if message.starts_with("Identity '") => {
            IdentityPoolError::IdentityNotFound
        }
        "ResourceNotFoundException" => IdentityPoolError::PoolNotFound,
        "NotAuthorizedException" => read_not_authorized(message),
        _ => IdentityPoolError::Refused {
            code: code.to_owned(),
            message,
        },
    }
}

/// One exception has many causes, which only the message distinguishes.
fn read_not_authorized(message: String) -> IdentityPoolError {
    let starts = |prefix: &str| message.starts_with(prefix);
    if starts("Token is not from a supported provider") {
        IdentityPoolError::NotLinked
    } else if starts("Invalid login token. Token expired") {
        IdentityPoolError::TokenExpired
    } else if starts("Invalid login token. Issuer doesn't match") {
        IdentityPoolError::IssuerMismatch
    } else if starts("Token is inactive") {
        IdentityPoolError::TokenInactive
    } else if starts("Access to Identity") || starts("Logins don't match") {
        IdentityPoolError::IdentityForbidden
    } else if message.contains("role") && message.contains("CustomRoleArn")
        || starts("Invalid role")
        || starts("Role is not")
    {
        IdentityPoolError::RoleNotAllowed
    } else if starts("Unauthenticated access is not supported") {
        IdentityPoolError::GuestsNotAllowed
    } else if starts("Invalid login token") {
        IdentityPoolError::InvalidToken(message)
    } else {
        IdentityPoolError::Refused {
            code: "NotAuthorizedException".to_owned(),
            message,
        }
    }
}

#[cfg(test)]
mod tests;
