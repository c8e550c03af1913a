//! Where a provider's endpoints are: fixed for a Cognito user pool, read from the discovery document of any
//! other one (OpenID Connect Discovery 1.0, section 4; RFC 8414).

use serde_json::{Value, json};
use thiserror::Error;

use crate::config::{LogoutStyle, Provider, ProviderKind, is_secure_address};
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::json;

/// The addresses of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where browsers are sent to sign in.
    pub authorization: String,
    /// Where codes and refresh tokens are traded for tokens.
    pub token: String,
    /// Where the keys that sign its tokens are published.
    pub jwks: String,
    /// Where refresh tokens are revoked, if it can do that.
    pub revocation: Option<String>,
    /// Where browsers are sent to end the provider's own session, if it can do that.
    pub end_session: Option<String>,
}

/// Why a discovery document is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscoveryError {
    /// The answer is no discovery document.
    #[error("the discovery document could not be read: status {status}")]
    Unexpected {
        /// The status code.
        status: u16,
    },
    /// It speaks for another issuer (OpenID Connect Discovery 1.0, section 4.3).
    #[error("the discovery document is of {found}, expected {expected}")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The document's.
        found: String,
    },
    /// An address that is missing or not https.
    #[error("the discovery document has no https address for {0}")]
    Address(&'static str),
}

/// The endpoints of a Cognito user pool; `None` for a provider that has to be asked.
#[must_use]
pub fn known_endpoints(provider: &Provider) -> Option<Endpoints> {
    let ProviderKind::Cognito {
        domain, jwks_url, ..
    } = &provider.kind
    else {
        return None;
    };
    Some(Endpoints {
        authorization: [domain, "/oauth2/authorize"].concat(),
        token: [domain, "/oauth2/token"].concat(),
        jwks: jwks_url.clone(),
        revocation: Some([domain, "/oauth2/revoke"].concat()),
        end_session: Some([domain, "/logout"].concat()),
    })
}

/// Asks for the discovery document.
#[must_use]
pub fn discovery_request(provider: &Provider) -> HttpRequest {
    let issuer = provider.issuer.trim_end_matches('/');
    HttpRequest::new(
        Method::Get,
        [issuer, "/.well-known/openid-configuration"].concat(),
    )
}

/// Reads the discovery document.
///
/// # Errors
/// [`DiscoveryError`] when it is none, speaks for another issuer, or lacks an address.
pub fn parse_discovery(
    response: &HttpResponse,
    provider: &Provider,
) -> Result<Endpoints, DiscoveryError> {
    let unexpected = DiscoveryError::Unexpected {
        status: response.status,
    };
    let document = json::object(&response.body)
        .filter(|_| response.is_success())
        .ok_or(unexpected)?;
    let found = json::text(&document, "issuer").unwrap_or_default();
    if found != provider.issuer {
        return Err(DiscoveryError::Issuer {
            expected: provider.issuer.clone(),
            found,
        });
    }
    read_endpoints(&document, provider)
}

/// What [`parse_discovery`] needs of a document, to be kept for the next page load.
#[must_use]
pub fn record(endpoints: &Endpoints) -> Value {
    json!({
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "jwks_uri": endpoints.jwks,
        "revocation_endpoint": endpoints.revocation,
        "end_session_endpoint": endpoints.end_session,
    })
}

/// Reads the addresses of a document or of a [`record`].
///
/// # Errors
/// [`DiscoveryError::Address`] when one is missing.
pub fn read_endpoints(document: &Value, provider: &Provider) -> Result<Endpoints, DiscoveryError> {
    let optional = |key| json::text(document, key).filter(|address| is_secure_address(address));
    let required = |key| optional(key).ok_or(DiscoveryError::Address(key));
    Ok(Endpoints {
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
    use std::time::Duration;

    use proptest::prelude::*;

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
        let response = HttpResponse {
            status: 200,
            headers: vec![],
            body: document.to_string(),
            elapsed: Duration::ZERO,
        };
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
        other["issuer"] = json!("https://tenant.example.com");
        assert!(matches!(
            parsed(&other, "none"),
            Err(DiscoveryError::Issuer { .. })
        ));
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

    proptest! {
        #[test]
        fn never_panics_on_any_document(body in ".{0,200}", address in ".{0,60}") {
            let mut odd = document();
            odd["jwks_uri"] = json!(address);
            let _ = parsed(&odd, "auth0");
            let response = HttpResponse { status: 200, headers: vec![], body, elapsed: Duration::ZERO };
            let _ = parse_discovery(&response, &provider("none"));
        }
    }
}
