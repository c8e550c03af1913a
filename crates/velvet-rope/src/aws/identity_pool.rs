//! Amazon Cognito Identity: `GetId` and `GetCredentialsForIdentity` (API reference of 2014-06-30),
//! each as a request and the reading of its answer.

use serde_json::{Value, json};
use thiserror::Error;

use super::credentials::{Credentials, SecretAccessKey, SessionToken};
use crate::config::IdentityPool;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;
use crate::oauth::tokens::IdToken;

/// Proof of a sign-in: the provider's name as the identity pool knows it, and its ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The provider: `cognito-idp.<region>.amazonaws.com/<user pool id>`.
    pub provider: String,
    /// The ID token.
    pub id_token: IdToken,
}

/// Why the identity pool gave no credentials. The variants follow what AWS answers; its own text is kept
/// where it says more than the variant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityPoolError {
    /// The pool does not list this user pool and app client as a provider.
    #[error("the identity pool does not accept tokens of this user pool and app client")]
    NotLinked,
    /// The ID token is past its expiry.
    #[error("the identity pool says that the ID token has expired")]
    TokenExpired,
    /// The ID token's issuer is not the provider it was sent for.
    #[error("the ID token's issuer does not match the provider name")]
    IssuerMismatch,
    /// The user was disabled, deleted or signed out everywhere.
    #[error("the user pool says that the token is no longer active")]
    TokenInactive,
    /// The ID token is not valid for another reason.
    #[error("the identity pool does not accept the ID token: {0}")]
    InvalidToken(String),
    /// The remembered identity belongs to another login.
    #[error("the identity belongs to another login")]
    IdentityForbidden,
    /// The role that was chosen is not the user's to choose.
    #[error("the identity pool does not let this user choose that role")]
    RoleNotAllowed,
    /// The pool takes no guests.
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

/// Asks for the identity of a login, which is always the same for the same user; without a login, for a new
/// guest.
#[must_use]
pub fn id_request(pool: &IdentityPool, login: Option<&Login>) -> HttpRequest {
    request(pool, "GetId", json!({ "IdentityPoolId": pool.id }), login)
}

/// Asks for credentials for an identity, with a role of the login's choice if there is one.
#[must_use]
pub fn credentials_request(
    pool: &IdentityPool,
    identity_id: &str,
    login: Option<&Login>,
    role: Option<&str>,
) -> HttpRequest {
    let mut body = json!({ "IdentityId": identity_id });
    if let Some(role) = role {
        body["CustomRoleArn"] = json!(role);
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
        body["Logins"] = json!({ login.provider.as_str(): login.id_token.secret() });
    }
    HttpRequest::new(Method::Post, format!("{}/", pool.endpoint))
        .header("content-type", "application/x-amz-json-1.1")
        .header(
            "x-amz-target",
            format!("AWSCognitoIdentityService.{operation}"),
        )
        .body(body.to_string())
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

fn success(response: &HttpResponse) -> Result<Value, IdentityPoolError> {
    let reply = json::object(&response.body).ok_or_else(|| unexpected(response))?;
    if response.is_success() {
        Ok(reply)
    } else {
        Err(read_exception(&reply).unwrap_or_else(|| unexpected(response)))
    }
}

fn unexpected(response: &HttpResponse) -> IdentityPoolError {
    IdentityPoolError::Unexpected {
        status: response.status,
    }
}

/// The name may carry a namespace before `#`; only what follows counts.
fn read_exception(reply: &Value) -> Option<IdentityPoolError> {
    let code = json::text(reply, "__type")?;
    let code = code.rsplit('#').next().unwrap_or_default();
    let message = json::text(reply, "message")
        .or_else(|| json::text(reply, "Message"))
        .unwrap_or_default();
    Some(match code {
        "TooManyRequestsException" => IdentityPoolError::Throttled,
        "InvalidIdentityPoolConfigurationException" => IdentityPoolError::NoRole,
        "ResourceNotFoundException" => IdentityPoolError::PoolNotFound,
        "NotAuthorizedException" => read_not_authorized(message),
        _ => IdentityPoolError::Refused {
            code: code.to_owned(),
            message,
        },
    })
}

/// One exception name stands for many causes; only the message tells them apart.
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
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

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
        HttpResponse {
            status,
            headers: vec![],
            body: body.into(),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn both_requests_carry_the_login_and_the_same_header_names() {
        let get_id = id_request(&pool(), Some(&login()));
        let get_credentials = credentials_request(&pool(), "eu-west-1:i", Some(&login()), None);
        let logins = r#""Logins":{"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A":"jwt"}"#;
        assert_eq!(
            get_id.body,
            format!(r#"{{"IdentityPoolId":"eu-west-1:p",{logins}}}"#)
        );
        assert_eq!(
            get_credentials.body,
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
                .contains(r#""CustomRoleArn":"arn:aws:iam::1:role/a""#),
            "{}",
            request.body
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

    proptest! {
        #[test]
        fn never_panics_on_any_answer(status in 100_u16..600, body in ".{0,200}") {
            let _ = parse_id_response(&response(status, &body));
            let _ = parse_credentials_response(&response(status, &body));
        }
    }
}
