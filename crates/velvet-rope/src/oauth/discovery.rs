//! Where a provider's endpoints are: fixed for a Cognito user pool, read from the discovery document of any
//! other one (OpenID Connect Discovery 1.0, section 4; RFC 8414).
//!
//! The document is public, and is cached for a day. Its addresses decide where codes and refresh tokens are sent, so
//! an address that is not https counts as missing, and a document of another issuer is refused.

use serde_json::Value;
use thiserror::Error;

use crate::config::{LogoutStyle, Provider, ProviderKind, is_same_issuer, is_secure_address};
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;

/// The addresses of a provider.
///
/// All have the scheme https, or http for this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The issuer as the provider spells it: exactly what its tokens have to say.
    pub issuer: String,
    /// Where browsers are sent to sign in.
    pub authorization: String,
    /// Where codes and refresh tokens are traded for tokens.
    pub token: String,
    /// Where the keys that sign its tokens are published.
    pub jwks: String,
    /// Where refresh tokens are revoked, if it can do that.
    /// (RFC 7009.) Without it, a sign-out leaves the refresh token valid.
    pub revocation: Option<String>,
    /// Where browsers are sent to end the provider's own session, if it can do that.
    /// Without it, the next sign-in at the provider may need no password.
    pub end_session: Option<String>,
}

/// Why a discovery document cannot be used.
///
/// A sign-in with `oidc` cannot begin then. [`AuthError::is_retryable`](crate::AuthError::is_retryable) tells whether
/// another attempt may succeed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscoveryError {
    /// The answer is not a discovery document.
    #[error("the discovery document could not be read: status {status}")]
    Unexpected {
        /// The status code.
        status: u16,
    },
    /// It belongs to another issuer (OpenID Connect Discovery 1.0, section 4.3).
    #[error("the discovery document is of {found}, expected {expected}")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The document's.
        found: String,
    },
    /// An address that is missing or not https.
    /// The name of the member.
    #[error("the discovery document has no https address for {0}")]
    Address(&'static str),
}

/// The endpoints of a Cognito user pool; `None` for a provider whose discovery document has to be fetched.
///
/// Source: Amazon Cognito Developer Guide, "User pool endpoints and managed login reference".
///
/// ```
/// use velvet_rope::oauth::discovery::known_endpoints;
///
/// let config = velvet_rope::parse_config(include_str!("../../../../public/config.example.json"))?;
/// let endpoints = known_endpoints(&config.provider).unwrap();
/// assert_eq!(endpoints.token, "https://your-prefix.auth.eu-west-1.amazoncognito.com/oauth2/token");
/// # Ok::<(), velvet_rope::ConfigError>(())
/// ```
#[must_use]
pub fn known_endpoints(provider: &Provider) -> Option<Endpoints> {
    let ProviderKind::Cognito {
        domain, jwks_url, ..
    } = &provider.kind
    else {
        return None;
    };
    Some(Endpoints {
        issuer: provider.issuer.clone(),
        authorization: [domain, "/oauth2/authorize"].concat(),
        token: [domain, "/oauth2/token"].concat(),
        jwks: jwks_url.clone(),
        revocation: Some([domain, "/oauth2/revoke"].concat()),
        end_session: Some([domain, "/logout"].concat()),
    })
}

/// The request for the discovery document.
/// A slash at the end of the issuer is removed first (OpenID Connect Discovery 1.0, section 4.1).
#[must_use]
pub fn discovery_request(provider: &Provider) -> HttpRequest {
    let issuer = provider.issuer.trim_end_matches('/');
    HttpRequest::new(
        Method::Get,
        [issuer, "/.well-known/openid-configuration"].concat(),
    )
}

/// Reads the discovery document. Its issuer may differ from the configured one in the slash at the end and in the form
/// of the host: those are easily mistyped, and lead to the same document.
///
/// # Errors
/// [`DiscoveryError`] when it is not a discovery document, belongs to another issuer, or lacks an address.
pub fn parse_discovery(
    response: &HttpResponse,
    provider: &Provider,
) -> Result<Endpoints, DiscoveryError> {
    let unexpected = DiscoveryError::Unexpected {
        status: response.status,
    };
    let document = json::object(&response.text())
        .filter(|_| response.is_success())
        .ok_or(unexpected)?;
    let found = json::text(&document, "issuer").unwrap_or_default();
    if !is_same_issuer(&found, &provider.issuer) {
        return Err(DiscoveryError::Issuer {
            expected: provider.issuer.clone(),
            found,
        });
    }
    read_endpoints(&document, provider)
}

/// The members of a document that [`read_endpoints`] reads, to be stored for the next page load.
/// It has the names of the document, so that one function reads both.
#[must_use]
pub fn record(endpoints: &Endpoints) -> Value {
    json::record([
        ("issuer", endpoints.issuer.as_str().into()),
        (
            "authorization_endpoint",
            endpoints.authorization.as_str().into(),
        ),
        ("token_endpoint", endpoints.token.as_str().into()),
        ("jwks_uri", endpoints.jwks.as_str().into()),
        ("revocation_endpoint", endpoints.revocation.clone().into()),
        ("end_session_endpoint", endpoints.end_session.clone().into()),
    ])
}

/// Reads the addresses of a document or of a [`record`].
///
/// # Errors
/// [`DiscoveryError::Address`] when one is missing.
pub fn read_endpoints(document: &Value, provider: &Provider) -> Result<Endpoints, DiscoveryError> {
    let optional = |key| json::text(document, key).filter(|address| is_secure_address(address));
    let required = |key| optional(key).ok_or(DiscoveryError::Address(key));
    let issuer = json::text(document, "issuer");
    Ok(Endpoints {
        issuer: issuer.unwrap_or_else(|| provider.issuer.clone()),
        authorization: required("authorization_endpoint")?,
        token: required("token_endpoint")?,
        jwks: required("jwks_uri")?,
        revocation: optional("revocation_endpoint"),
        end_session: match &provider.kind {
            ProviderKind::Oidc {
                logout: LogoutStyle::Auth0,
                ..
            } => Some([provider.issuer.trim_end_matches('/'), "/v2/logout"].concat()),
            ProviderKind::Oidc {
                logout: LogoutStyle::None,
                ..
            } => None,
            _ => optional("end_session_endpoint"),
        },
    })
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::config::parse;

    fn provider(logout: &str) -> Provider {
        let text = json!({
            "region": "eu-west-1",
            "oidc": { "issuer": "https://tenant.example.com/", "client_id": "c", "logout": logout },
            "api": { "base_url": "https://api.example.com", "routes": [] }
        });
        parse(&text.to_string()).unwrap().provider
    }

    fn document() -> Value {
        json!({
            "issuer": "https://tenant.example.com/",
            "authorization_endpoint": "https://tenant.example.com/authorize",
            "token_endpoint": "https://tenant.example.com/token",
            "jwks_uri": "https://tenant.example.com/jwks",
            "end_session_endpoint": "https://tenant.example.com/logout"
        })
    }

    fn parsed(document: &Value, logout: &str) -> Result<Endpoints, DiscoveryError> {
        let response = HttpResponse::new(200, vec![], document.to_string());
        parse_discovery(&response, &provider(logout))
    }

    #[test]
    fn asks_below_the_issuer_and_reads_the_answer() {
        let request = discovery_request(&provider("end_session"));
        assert_eq!(
            request.url,
            "https://tenant.example.com/.well-known/openid-configuration"
        );
        let endpoints = parsed(&document(), "end_session").unwrap();
        assert_eq!(endpoints.token, "https://tenant.example.com/token");
        assert_eq!(endpoints.revocation, None);
        let kept = record(&endpoints);
        let read = read_endpoints(&kept, &provider("end_session"));
        assert_eq!(read, Ok(endpoints));
    }

    #[test]
    fn knows_where_each_kind_signs_out() {
        let end_session = |logout| parsed(&document(), logout).unwrap().end_session;
        assert_eq!(
            end_session("end_session").as_deref(),
            Some("https://tenant.example.com/logout")
        );
        assert_eq!(
            end_session("auth0").as_deref(),
            Some("https://tenant.example.com/v2/logout")
        );
        assert_eq!(end_session("none"), None);
    }

    #[test]
    fn refuses_another_issuer_and_addresses_that_are_not_secure() {
        let mut other = document();
        for issuer in [
            "https://tenant.example.com/x",
            "https://evil.example/",
            "http://tenant.example.com/",
        ] {
            other["issuer"] = json!(issuer);
            let found = issuer.to_owned();
            let expected = "https://tenant.example.com/".to_owned();
            let error = DiscoveryError::Issuer { expected, found };
            assert_eq!(parsed(&other, "none"), Err(error));
        }
        let mut plain = document();
        plain["token_endpoint"] = json!("http://tenant.example.com/token");
        assert_eq!(
            parsed(&plain, "none"),
            Err(DiscoveryError::Address("token_endpoint"))
        );
        assert_eq!(
            parsed(&json!([]), "none"),
            Err(DiscoveryError::Unexpected { status: 200 })
        );
    }

    #[test]
    fn the_provider_decides_how_its_issuer_is_spelled() {
        for spelled in ["https://tenant.example.com", "https://tenant.example.com/"] {
            let mut document = document();
            document["issuer"] = json!(spelled);
            let endpoints = parsed(&document, "none").unwrap();
            assert_eq!(endpoints.issuer, spelled);
            let stored = read_endpoints(&record(&endpoints), &provider("none"));
            assert_eq!(stored, Ok(endpoints));
        }
    }

    #[test]
    fn a_member_that_is_no_secure_address_is_missing() {
        let values = [
            Value::Null,
            json!(""),
            json!(7),
            json!(true),
            json!(["https://a.example"]),
            json!({}),
            json!("/token"),
            json!("http://a.example/x"),
            json!("javascript:alert(1)"),
            json!(" https://a.example"),
        ];
        for value in values {
            for key in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
                let mut odd = document();
                odd[key] = value.clone();
                assert_eq!(
                    parsed(&odd, "none"),
                    Err(DiscoveryError::Address(key)),
                    "{value}"
                );
                odd.as_object_mut().unwrap().remove(key);
                assert_eq!(parsed(&odd, "none"), Err(DiscoveryError::Address(key)));
            }
            let mut odd = document();
            odd["revocation_endpoint"] = value.clone();
            odd["end_session_endpoint"] = value.clone();
            let endpoints = parsed(&odd, "end_session").unwrap();
            assert_eq!(
                (endpoints.revocation, endpoints.end_session),
                (None, None),
                "{value}"
            );
            odd = document();
            odd["scopes_supported"] = value.clone();
            odd["issuer_extra"] = value.clone();
            assert!(parsed(&odd, "none").is_ok());
            odd["issuer"] = value.clone();
            assert!(
                matches!(parsed(&odd, "none"), Err(DiscoveryError::Issuer { .. })),
                "{value}"
            );
        }
        let text = document().to_string();
        let repeated = text.replacen('{', r#"{"token_endpoint":"http://a.example","#, 1);
        let response = |status, body: &str| HttpResponse::new(status, vec![], body);
        let read = |status, body: &str| parse_discovery(&response(status, body), &provider("none"));
        assert!(read(200, &repeated).is_ok(), "the last one counts");
        for (status, body) in [
            (404, &*text),
            (500, &*text),
            (200, "[]"),
            (200, "null"),
            (200, ""),
            (200, "<html>"),
        ] {
            assert_eq!(
                read(status, body),
                Err(DiscoveryError::Unexpected { status }),
                "{body}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_any_document(body in ".{0,200}", address in ".{0,60}") {
            let mut odd = document();
            odd["jwks_uri"] = json!(address);
            let _ = parsed(&odd, "auth0");
            let response = HttpResponse::new(200, vec![], body);
            let _ = parse_discovery(&response, &provider("none"));
        }
    }
}
