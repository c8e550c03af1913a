//! Kinds of requests, and the record of a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use bytes::Bytes;
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

/// Parameters that no log may show.
const SECRET_PARAMETERS: [&str; 5] = [
    "code",
    "code_verifier",
    "id_token_hint",
    "refresh_token",
    "token",
];

/// A kind of request. A preflight is never of any kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestKind {
    /// How the path ends.
    path: &'static str,
    /// The operation of Amazon Cognito Identity in `x-amz-target`.
    operation: Option<&'static str>,
    /// The grant type in the form.
    grant_type: Option<&'static str>,
}

impl RequestKind {
    /// The token endpoint of the user pool.
    pub const USER_POOL_TOKEN: Self = Self::path("/oauth2/token");
    /// The logout endpoint of the user pool.
    pub const USER_POOL_LOGOUT: Self = Self::path("/logout");
    /// The operation `GetId`.
    pub const GET_ID: Self = Self::operation("GetId");
    /// The operation `GetCredentialsForIdentity`.
    pub const GET_CREDENTIALS: Self = Self::operation("GetCredentialsForIdentity");
    /// The open route of the demo API.
    pub const OPEN_ROUTE: Self = Self::path("/no-auth");
    /// The protected route of the demo API.
    pub const PROTECTED_ROUTE: Self = Self::path("/require-auth");
    /// The to-do list: reading it, and adding to it.
    pub const TODOS: Self = Self::path("/todos");

    /// The discovery document (OpenID Connect Discovery 1.0, section 4).
    pub const DISCOVERY: Self = Self::path("/.well-known/openid-configuration");
    /// The authorization endpoint, with or without a page.
    pub const AUTHORIZATION: Self = Self::path("/auth");
    /// The token endpoint, with any grant.
    pub const TOKEN: Self = Self::path("/token");
    /// The token endpoint with a code (RFC 6749, section 4.1.3).
    pub const CODE: Self = Self::TOKEN.with_grant_type("authorization_code");
    /// The token endpoint with a refresh token (RFC 6749, section 6).
    pub const REFRESH: Self = Self::TOKEN.with_grant_type("refresh_token");
    /// The revocation endpoint (RFC 7009).
    pub const REVOCATION: Self = Self::path("/token/revocation");
    /// The keys that sign tokens.
    pub const KEYS: Self = Self::path("/jwks");
    /// The end session endpoint (OpenID Connect RP-Initiated Logout 1.0).
    pub const END_SESSION: Self = Self::path("/session/end");

    const fn path(path: &'static str) -> Self {
        Self {
            path,
            operation: None,
            grant_type: None,
        }
    }

    const fn operation(operation: &'static str) -> Self {
        Self {
            path: "/",
            operation: Some(operation),
            grant_type: None,
        }
    }

    const fn with_grant_type(self, grant_type: &'static str) -> Self {
        Self {
            grant_type: Some(grant_type),
            ..self
        }
    }

    pub(super) fn matches(self, request: &RecordedRequest) -> bool {
        let is_as = |wanted: Option<&str>, found: Option<&str>| wanted.is_none() || wanted == found;
        let operation = request
            .target
            .as_deref()
            .and_then(|target| target.strip_prefix("AWSCognitoIdentityService."));
        !request.is_preflight()
            && request.path.ends_with(self.path)
            && is_as(self.operation, operation)
            && is_as(self.grant_type, request.parameter("grant_type"))
    }
}

/// A request that went through the proxy.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its `x-amz-target`: the operation, for services with a single path.
    pub target: Option<String>,
    /// The parameters of query and form; secrets by their hash.
    parameters: BTreeMap<String, String>,
    /// Whether the server received it, so that a code or a refresh token in it is spent.
    pub processed: bool,
    /// The result: `ok`, an error code of OAuth, `http` and a status, `lost` without a response, `pending` until then.
    pub outcome: String,
    /// The hash of the refresh token in the server's response, delivered or not.
    pub issued_refresh_token: Option<String>,
}

impl RecordedRequest {
    pub(super) fn new(parts: &Parts, body: &Bytes, hasher: &RandomState) -> Self {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let parameters = form_urlencoded::parse(query)
            .chain(form_urlencoded::parse(body))
            .map(|(name, value)| {
                let is_secret = SECRET_PARAMETERS.contains(&name.as_ref());
                let value = if is_secret {
                    hash(hasher, &value)
                } else {
                    value.into_owned()
                };
                (name.into_owned(), value)
            })
            .collect();
        let target = parts.headers.get("x-amz-target");
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            target: target
                .and_then(|target| target.to_str().ok())
                .map(str::to_owned),
            parameters,
            processed: false,
            outcome: "pending".to_owned(),
            issued_refresh_token: None,
        }
    }

    /// Whether it succeeded.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.outcome == "ok"
    }

    /// Whether it has no result yet, as while it is held.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.outcome == "pending"
    }

    /// Whether it is a preflight.
    #[must_use]
    pub fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS
    }

    /// A parameter of query or form, such as `prompt`. Secrets are hashed: equal hashes mean equal secrets.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Records the server's response.
    pub(super) fn process(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Value,
        hasher: &RandomState,
    ) {
        self.processed = true;
        let error = body["error"].as_str().map(str::to_owned);
        self.outcome = error
            .or_else(|| redirected_error(headers))
            .unwrap_or_else(|| status_outcome(status));
        let token = body["refresh_token"].as_str();
        self.issued_refresh_token = token.map(|token| hash(hasher, token));
    }

    /// Records a response of the proxy in place of the server's.
    pub(super) fn stub(&mut self, status: StatusCode) {
        self.outcome = status_outcome(status);
    }
}

fn status_outcome(status: StatusCode) -> String {
    if status.as_u16() < 400 {
        "ok".to_owned()
    } else {
        format!("http {}", status.as_u16())
    }
}

fn redirected_error(headers: &HeaderMap) -> Option<String> {
    let location = Url::parse(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let error = location.query_pairs().find(|(name, _)| name == "error");
    error.map(|(_, error)| error.into_owned())
}

fn hash(hasher: &RandomState, secret: &str) -> String {
    format!("{:016x}", hasher.hash_one(secret))
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)?;
        if let Some(target) = &self.target {
            write!(formatter, " {target}")?;
        }
        write!(formatter, " {:?}: {}", self.parameters, self.outcome)
    }
}

/// The hashes of the refresh tokens that were sent more than once.
#[must_use]
pub fn sent_twice(requests: &[RecordedRequest]) -> BTreeSet<&str> {
    let mut once = BTreeSet::new();
    requests
        .iter()
        .filter_map(|request| request.parameter("refresh_token"))
        .filter(|token| !once.insert(*token))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    pub(in crate::proxy) fn request(method: Method, path: &str, form: &str) -> RecordedRequest {
        let request = Request::builder().method(method).uri(path).body(());
        let (parts, ()) = request.unwrap().into_parts();
        let body = Bytes::from(form.to_owned());
        RecordedRequest::new(&parts, &body, &RandomState::new())
    }

    fn refresh(tokens: &[&str]) -> Vec<RecordedRequest> {
        let hasher = RandomState::new();
        let (parts, ()) = Request::post("/token").body(()).unwrap().into_parts();
        let record = |token: &&str| {
            let form = format!("grant_type=refresh_token&refresh_token={token}");
            RecordedRequest::new(&parts, &Bytes::from(form), &hasher)
        };
        tokens.iter().map(record).collect()
    }

    #[test]
    fn kinds_differ_by_path_operation_and_grant() {
        let refresh = request(Method::POST, "/token", "grant_type=refresh_token");
        assert!(RequestKind::TOKEN.matches(&refresh));
        assert!(RequestKind::REFRESH.matches(&refresh));
        assert!(!RequestKind::CODE.matches(&refresh));
        assert!(!RequestKind::REVOCATION.matches(&refresh));

        let mut get_id = request(Method::POST, "/", "");
        assert!(!RequestKind::GET_ID.matches(&get_id));
        get_id.target = Some("AWSCognitoIdentityService.GetId".to_owned());
        assert!(RequestKind::GET_ID.matches(&get_id));
        assert!(!RequestKind::GET_CREDENTIALS.matches(&get_id));
    }

    #[test]
    fn secrets_are_hashed_and_repeated_ones_are_found() {
        let requests = refresh(&["a", "b", "a"]);
        let first = requests[0].parameter("refresh_token").unwrap();
        assert_ne!(first, "a");
        assert_eq!(sent_twice(&requests), BTreeSet::from([first]));
        assert!(sent_twice(&requests[..2]).is_empty());
    }

    #[test]
    fn the_outcome_is_the_error_of_body_redirect_or_status() {
        let hasher = RandomState::new();
        let outcome = |status: u16, location: Option<&str>, body: &Value| {
            let mut headers = HeaderMap::new();
            if let Some(location) = location {
                headers.insert(LOCATION, location.parse().unwrap());
            }
            let mut request = request(Method::POST, "/token", "");
            let status = StatusCode::from_u16(status).unwrap();
            request.process(status, &headers, body, &hasher);
            request.outcome
        };
        let refused = json!({ "error": "invalid_grant" });
        assert_eq!(outcome(400, None, &refused), "invalid_grant");
        let back = Some("http://localhost/?error=login_required");
        assert_eq!(outcome(303, back, &Value::Null), "login_required");
        assert_eq!(outcome(503, None, &Value::Null), "http 503");
        assert_eq!(outcome(200, None, &json!({})), "ok");
    }
}
