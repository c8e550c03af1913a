//! Ending a session at the provider: its own sign-out page, the revocation of refresh tokens, and Cognito's
//! global sign-out.
//!
//! Three things outlive the session of the app: the provider's own session in this browser, the refresh token, and
//! sessions on other devices. Each has a request of its own here. Access and ID tokens stay valid until they expire,
//! because APIs check only their signature.

use serde_json::Value;

use super::discovery::Endpoints;
use super::encoding::{form, from_base64url, with_query};
use super::tokens::{AccessToken, RefreshToken};
use crate::config::{LogoutStyle, Provider, ProviderKind};
use crate::http::{HttpRequest, Method};
use crate::json;

/// The scope that Cognito requires for signing out everywhere.
/// Configure it in `scopes`, and allow it in the app client.
pub const GLOBAL_SIGN_OUT_SCOPE: &str = "aws.cognito.signin.user.admin";

/// The address that ends the provider's session and redirects to `sign_out_path` on the site `origin`, if the provider has
/// one. Cognito's is not OpenID Connect RP-Initiated Logout. No address carries an ID token as a hint, because addresses
/// end up in logs.
/// Sources: Amazon Cognito Developer Guide, "The managed login sign-out endpoint"; OpenID Connect RP-Initiated
/// Logout 1.0, section 2; Auth0 Authentication API, "Logout".
/// `None` if the provider has no such address, or the configuration says not to use it.
#[must_use]
pub fn logout_url(provider: &Provider, endpoints: &Endpoints, origin: &str) -> Option<String> {
    let back = [origin, &provider.sign_out_path].concat();
    let parameter = match &provider.kind {
        ProviderKind::Cognito { .. } => "logout_uri",
        ProviderKind::Oidc {
            logout: LogoutStyle::Auth0,
            ..
        } => "returnTo",
        ProviderKind::Oidc { .. } => "post_logout_redirect_uri",
    };
    let pairs = [
        ("client_id", provider.client_id.as_str()),
        (parameter, &back),
    ];
    let endpoint = endpoints.end_session.as_ref()?;
    Some(with_query(endpoint, &pairs))
}

/// The request that revokes a refresh token (RFC 7009, section 2.1), if the provider can do that.
/// Cognito then revokes the access tokens that were issued with it too, which matters to its own API only.
#[must_use]
pub fn revoke_request(
    provider: &Provider,
    endpoints: &Endpoints,
    refresh_token: &RefreshToken,
) -> Option<HttpRequest> {
    let body = form(&[
        ("token", refresh_token.secret()),
        ("token_type_hint", "refresh_token"),
        ("client_id", &provider.client_id),
    ]);
    let url = endpoints.revocation.as_deref()?;
    Some(
        HttpRequest::new(Method::Post, url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body),
    )
}

/// The request that ends every session of a user of a user pool, if the provider is one. The access token must
/// carry [`GLOBAL_SIGN_OUT_SCOPE`]. Source: Amazon Cognito API Reference, `GlobalSignOut`.
#[must_use]
pub fn global_sign_out_request(
    provider: &Provider,
    access_token: &AccessToken,
) -> Option<HttpRequest> {
    let ProviderKind::Cognito { endpoint, .. } = &provider.kind else {
        return None;
    };
    let body = json::record([("AccessToken", access_token.secret().into())]);
    Some(
        HttpRequest::new(Method::Post, [endpoint, "/"].concat())
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                "AWSCognitoIdentityProviderService.GlobalSignOut",
            )
            .body(json::write(&body)),
    )
}

/// Whether an access token has a scope; one that cannot be read has none. Okta and Entra ID call the claim `scp`. It is a
/// list or a text with blanks between the scopes (RFC 9068, section 2.2.3; RFC 8693, section 4.2).
/// Used only to avoid a request that must fail; the provider decides.
#[must_use]
pub fn has_scope(access_token: &AccessToken, scope: &str) -> bool {
    let payload = access_token.secret().split('.').nth(1);
    let payload: Option<Value> = payload
        .and_then(from_base64url)
        .and_then(|bytes| json::bytes(&bytes));
    let payload = payload.unwrap_or_default();
    let member = |key| payload.get(key).filter(|value| !value.is_null());
    let claim = if member("scope").is_some() {
        "scope"
    } else {
        "scp"
    };
    json::texts(&payload, claim)
        .iter()
        .any(|scopes| scopes.split(' ').any(|found| found == scope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use crate::oauth::discovery::known_endpoints;
    use crate::oauth::encoding::base64url;

    const ORIGIN: &str = "https://app.example.com";

    fn provider() -> Provider {
        parse(crate::config::EXAMPLE).unwrap().provider
    }

    #[test]
    fn names_the_client_and_the_way_back() {
        let mut provider = provider();
        let mut endpoints = known_endpoints(&provider).unwrap();
        assert_eq!(
            logout_url(&provider, &endpoints, ORIGIN).as_deref(),
            Some(
                "https://your-prefix.auth.eu-west-1.amazoncognito.com/logout?client_id=1example23456789abcdefghij\
                 &logout_uri=https%3A%2F%2Fapp.example.com%2Fsignedout"
            )
        );
        for (logout, parameter) in [
            (LogoutStyle::EndSession, "post_logout_redirect_uri="),
            (LogoutStyle::Auth0, "returnTo="),
        ] {
            provider.kind = ProviderKind::Oidc {
                logout,
                audience: None,
            };
            let url = logout_url(&provider, &endpoints, ORIGIN).unwrap();
            assert!(url.contains(parameter), "{url}");
        }
        endpoints.end_session = None;
        assert_eq!(logout_url(&provider, &endpoints, ORIGIN), None);
    }

    #[test]
    fn revokes_with_the_token_in_the_body_and_nowhere_else() {
        let provider = provider();
        let endpoints = known_endpoints(&provider).unwrap();
        let token = RefreshToken::new("r/1");
        let request = revoke_request(&provider, &endpoints, &token).unwrap();
        assert!(request.url.ends_with("/oauth2/revoke"), "{}", request.url);
        assert_eq!(
            request.body,
            "token=r%2F1&token_type_hint=refresh_token&client_id=1example23456789abcdefghij"
        );
    }

    #[test]
    fn reads_the_scopes_of_an_access_token_in_each_form() {
        let token =
            |payload: &str| AccessToken::new(format!("e30.{}.s", base64url(payload.as_bytes())));
        let has = |payload: &str| has_scope(&token(payload), "a.b");
        for payload in [
            r#"{"scope":"openid a.b"}"#,
            r#"{"scope":["openid","a.b"]}"#,
            r#"{"scope":["openid a.b",7]}"#,
            r#"{"scp":"a.b openid"}"#,
            r#"{"scp":["openid","a.b"]}"#,
            r#"{"scope":null,"scp":["a.b"]}"#,
            r#"{"scope":"openid","scope":"a.b"}"#,
        ] {
            assert!(has(payload), "{payload}");
        }
        for payload in [
            r#"{"scope":"openid"}"#,
            r#"{"scope":"a.bc A.B"}"#,
            r#"{"scope":"openid","scp":"a.b"}"#,
            r#"{"scope":"","scp":"a.b"}"#,
            r#"{"scope":{"a.b":true}}"#,
            r#"{"scp":7}"#,
            r#"{"scopes":"a.b"}"#,
            "{}",
            "7",
            "",
        ] {
            assert!(!has(payload), "{payload}");
        }
        for opaque in ["opaque", "", "a.b", "..."] {
            assert!(!has_scope(&AccessToken::new(opaque), "a.b"), "{opaque}");
        }
    }
}
