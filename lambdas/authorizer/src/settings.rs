//! The settings: trusted issuers and required scopes. One JSON text, checked at the start.

use http::Uri;
use serde::Deserialize;

/// The space for routes in an answer. API Gateway accepts 8 KB for the whole answer; 1 KB of it is for the principal and
/// the context, which differ from token to token.
const ROUTES_MAX_BYTES: usize = 7 * 1024;

/// The longest resource in a policy that API Gateway accepts, in characters.
const RESOURCE_MAX: usize = 512;

/// The space for the ARN of the stage, which the settings do not contain: the longest partition and region, and a stage
/// name of 32 characters.
const STAGE_ARN_BYTES: usize =
    "arn:aws-us-gov:execute-api:ap-northeast-1:111122223333:a1b2c3d4e5/".len() + 32;

/// The checked settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) sessions: Option<SessionsTable>,
    pub(crate) routes: Vec<Route>,
    pub(crate) http_api_answer: HttpApiAnswer,
}

/// An issuer whose access tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// The `iss` of the tokens, compared exactly.
    pub(crate) name: String,
    pub(crate) keys: KeysAddress,
    /// A token must have one of these in `aud`; not checked if empty.
    pub(crate) audiences: Vec<String>,
    /// A token must have one of these as `client_id`; not checked if empty.
    pub(crate) client_ids: Vec<String>,
}

/// The sessions whose tokens are accepted besides signed ones.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsTable {
    /// The name of the table.
    pub(crate) table: String,
    /// The `issuer` that the function behind the route receives.
    pub(crate) issuer: String,
}

/// Where the keys of an issuer are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeysAddress {
    /// In the `jwks_uri` of the document at this address (OpenID Connect Discovery 1.0 section 4).
    Discovery(String),
    /// At this address.
    Jwks(String),
}

/// A route and its required scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// With its leading slash.
    pub(crate) path: String,
    /// All of them are required.
    pub(crate) scopes: Vec<String>,
}

/// The answer format of an HTTP API with payload format 2.0. Its events do not contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HttpApiAnswer {
    /// `isAuthorized`, for an authorizer with `EnableSimpleResponses`.
    #[default]
    Simple,
    /// A policy, as for a REST API.
    Policy,
}

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not the JSON that is expected.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// There is no issuer.
    #[error("`issuers` is empty: no token could be accepted")]
    NoIssuer,
    /// Two issuers have the same name.
    #[error("the issuer {0} is listed twice")]
    IssuerTwice(String),
    /// An issuer or an address of keys cannot be used.
    #[error("{0} is not an https address (http is for localhost only)")]
    Address(String),
    /// An issuer has neither audience nor client ids.
    #[error(
        "the issuer {0} has neither `audience` nor `client_ids`: tokens for any other API of it \
         would be accepted"
    )]
    AnyAudience(String),
    /// An issuer has both addresses.
    #[error("the issuer {0} has both `jwks_url` and `discovery_url`")]
    TwoAddresses(String),
    /// The table of sessions has no name.
    #[error("`sessions` has an empty `table` or `issuer`")]
    NoTable,
    /// There is no route.
    #[error("`routes` is empty: every token would be denied")]
    NoRoute,
    /// A route is listed twice.
    #[error("the route {0} is listed twice")]
    RouteTwice(String),
    /// A route that a policy cannot name without naming others too.
    #[error(
        "{0} is not a route: expected an upper-case method and a path such as /orders, without \
         parameters or wildcards, because a policy with a wildcard would open more than the route"
    )]
    Route(String),
    /// A path that is too long for a policy.
    #[error(
        "the path of {0} is too long: API Gateway accepts 512 characters for a resource in a policy"
    )]
    RouteLength(String),
    /// More routes than a policy can list.
    #[error(
        "{configured} routes are too many: a policy can list the first {fitting} of them, because API Gateway accepts \
         8 KB for an answer. Shorter paths, or a second authorizer for some of the routes, make room"
    )]
    TooManyRoutes {
        /// The number of configured routes.
        configured: usize,
        /// How many of them fit.
        fitting: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSettings {
    issuers: Vec<RawIssuer>,
    sessions: Option<SessionsTable>,
    routes: Vec<RawRoute>,
    #[serde(default)]
    http_api_answer: HttpApiAnswer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIssuer {
    issuer: String,
    #[serde(default)]
    audience: Vec<String>,
    #[serde(default)]
    client_ids: Vec<String>,
    jwks_url: Option<String>,
    discovery_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoute {
    method: String,
    path: String,
    /// Separated by spaces, as in a token (RFC 6749 section 3.3).
    #[serde(default)]
    scopes: String,
}

impl Settings {
    /// The name of the table of sessions, if there is one.
    #[must_use]
    pub fn sessions_table(&self) -> Option<&str> {
        self.sessions
            .as_ref()
            .map(|sessions| sessions.table.as_str())
    }

    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Says what is wrong and what was expected.
    ///
    /// ```
    /// let settings = authorizer::Settings::read(r#"{
    ///     "issuers": [{ "issuer": "https://example.eu.auth0.com/", "audience": ["https://api.example.com"] }],
    ///     "routes": [{ "method": "GET", "path": "/orders", "scopes": "openid orders:read" }]
    /// }"#);
    /// assert!(settings.is_ok());
    /// ```
    pub fn read(text: &str) -> Result<Self, SettingsError> {
        let raw: RawSettings =
            serde_json::from_str(text).map_err(|error| SettingsError::Json(error.to_string()))?;
        if raw.issuers.is_empty() {
            return Err(SettingsError::NoIssuer);
        }
        if raw.routes.is_empty() {
            return Err(SettingsError::NoRoute);
        }
        let mut issuers: Vec<Issuer> = Vec::with_capacity(raw.issuers.len());
        for issuer in raw.issuers {
            let issuer = Issuer::check(issuer)?;
            if issuers.iter().any(|other| other.name == issuer.name) {
                return Err(SettingsError::IssuerTwice(issuer.name));
            }
            issuers.push(issuer);
        }
        let mut routes: Vec<Route> = Vec::with_capacity(raw.routes.len());
        for route in raw.routes {
            let route = Route::check(route)?;
            if routes.iter().any(|other| other.is_at(&route)) {
                return Err(SettingsError::RouteTwice(route.name()));
            }
            routes.push(route);
        }
        check_policy_size(&routes)?;
        if raw
            .sessions
            .as_ref()
            .is_some_and(SessionsTable::is_incomplete)
        {
            return Err(SettingsError::NoTable);
        }
        Ok(Self {
            issuers,
            sessions: raw.sessions,
            routes,
            http_api_answer: raw.http_api_answer,
        })
    }
}

impl SessionsTable {
    fn is_incomplete(&self) -> bool {
        self.table.is_empty() || self.issuer.is_empty()
    }
}

impl Issuer {
    fn check(raw: RawIssuer) -> Result<Self, SettingsError> {
        require_address(&raw.issuer)?;
        if raw.audience.is_empty() && raw.client_ids.is_empty() {
            return Err(SettingsError::AnyAudience(raw.issuer));
        }
        let keys = match (raw.jwks_url, raw.discovery_url) {
            (Some(_), Some(_)) => return Err(SettingsError::TwoAddresses(raw.issuer)),
            (Some(jwks), None) => KeysAddress::Jwks(jwks),
            (None, Some(discovery)) => KeysAddress::Discovery(discovery),
            (None, None) => KeysAddress::Discovery(format!(
                "{}/.well-known/openid-configuration",
                raw.issuer.trim_end_matches('/')
            )),
        };
        let (KeysAddress::Jwks(address) | KeysAddress::Discovery(address)) = &keys;
        require_address(address)?;
        Ok(Self {
            name: raw.issuer,
            keys,
            audiences: raw.audience,
            client_ids: raw.client_ids,
        })
    }
}

impl Route {
    fn check(raw: RawRoute) -> Result<Self, SettingsError> {
        let method = !raw.method.is_empty() && raw.method.bytes().all(|b| b.is_ascii_uppercase());
        let path = raw.path.starts_with('/')
            && raw
                .path
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
        // API Gateway and policies use these two names for all methods.
        if !method || !path || ["ANY", "ALL"].contains(&raw.method.as_str()) {
            return Err(SettingsError::Route(format!("{} {}", raw.method, raw.path)));
        }
        Ok(Self {
            scopes: raw
                .scopes
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect(),
            method: raw.method,
            path: raw.path,
        })
    }

    fn is_at(&self, other: &Self) -> bool {
        self.method == other.method && self.path == other.path
    }

    /// Method and path, for messages and the log.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Makes sure that a policy which lists all routes is not larger than API Gateway accepts. Otherwise every request of a
/// user with all scopes would fail.
fn check_policy_size(routes: &[Route]) -> Result<(), SettingsError> {
    let mut bytes = 0;
    for (index, route) in routes.iter().enumerate() {
        let resource = STAGE_ARN_BYTES + "/".len() + route.method.len() + route.path.len();
        if resource > RESOURCE_MAX {
            return Err(SettingsError::RouteLength(route.name()));
        }
        bytes += resource + r#""","#.len();
        if bytes > ROUTES_MAX_BYTES {
            return Err(SettingsError::TooManyRoutes {
                configured: routes.len(),
                fitting: index,
            });
        }
    }
    Ok(())
}

/// Makes sure that keys are read over a connection that cannot be tampered with.
fn require_address(text: &str) -> Result<(), SettingsError> {
    if is_trustworthy_address(text) {
        Ok(())
    } else {
        Err(SettingsError::Address(text.to_owned()))
    }
}

/// Whether a document at `text` cannot be tampered with on the way: `https`, or this machine.
pub(crate) fn is_trustworthy_address(text: &str) -> bool {
    let Ok(address) = text.parse::<Uri>() else {
        return false;
    };
    let host = address.host().unwrap_or_default();
    match address.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => host == "localhost" || host == "127.0.0.1" || host.ends_with(".localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
