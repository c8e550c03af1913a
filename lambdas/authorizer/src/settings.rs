//! What the authorizer is told: whom it trusts, and what each route demands. One JSON text, checked once.

use http::Uri;
use serde::Deserialize;

/// The checked settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) sessions: Option<SessionsTable>,
    pub(crate) routes: Vec<Route>,
    pub(crate) http_api_answer: HttpApiAnswer,
}

/// Somebody whose access tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// The `iss` of the tokens, letter by letter.
    pub(crate) name: String,
    pub(crate) keys: KeysAddress,
    /// The `aud` of which a token must name one; none are demanded if empty.
    pub(crate) audiences: Vec<String>,
    /// The `client_id` of which a token must name one; none are demanded if empty.
    pub(crate) client_ids: Vec<String>,
}

/// Where sessions are kept whose tokens are accepted besides signed ones.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsTable {
    /// The name of the table.
    pub(crate) table: String,
    /// What is told to the function behind the route as the issuer.
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

/// A route and the scopes that open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// With its leading slash.
    pub(crate) path: String,
    /// All of them are demanded.
    pub(crate) scopes: Vec<String>,
}

/// How an HTTP API with payload format 2.0 wants to be answered. Its events do not say.
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
    /// Nobody is trusted.
    #[error("`issuers` is empty: no token could be accepted")]
    NoIssuer,
    /// Two issuers have one name.
    #[error("the issuer {0} is there twice")]
    IssuerTwice(String),
    /// An issuer or an address of keys is no usable address.
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
    /// No route is named.
    #[error("`routes` is empty: no token would open anything")]
    NoRoute,
    /// Two entries are for one route.
    #[error("the route {0} is there twice")]
    RouteTwice(String),
    /// A route that cannot be named in a policy without naming others too.
    #[error(
        "{0} is not a route: expected an upper-case method and a path such as /orders, without \
         parameters or wildcards, because a policy with a wildcard would open more than the route"
    )]
    Route(String),
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
    /// As in a token: names with spaces between them (RFC 6749 section 3.3).
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
    /// Says what is wrong, with what was expected.
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
        if raw.sessions.as_ref().is_some_and(SessionsTable::is_nowhere) {
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
    fn is_nowhere(&self) -> bool {
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
        // The two names that API Gateway and a policy give to any method.
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

    /// For people: method and path.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Makes sure that keys travel over a connection that nobody can change.
fn require_address(text: &str) -> Result<(), SettingsError> {
    if is_trustworthy_address(text) {
        Ok(())
    } else {
        Err(SettingsError::Address(text.to_owned()))
    }
}

/// Whether what is read at `text` comes from there: `https`, or this machine.
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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole() -> Value {
        json!({
            "issuers": [{
                "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
                "client_ids": ["1example23456789"]
            }],
            "routes": [{ "method": "GET", "path": "/require-token", "scopes": "openid  email" }]
        })
    }

    fn read(settings: &Value) -> Result<Settings, SettingsError> {
        Settings::read(&settings.to_string())
    }

    #[test]
    fn keys_are_found_by_discovery_below_the_issuer() {
        let settings = read(&whole()).unwrap();
        let address = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/openid-configuration";
        assert_eq!(
            settings.issuers[0].keys,
            KeysAddress::Discovery(address.to_owned())
        );
        assert_eq!(settings.routes[0].scopes, ["openid", "email"]);
        assert_eq!(settings.http_api_answer, HttpApiAnswer::Simple);
    }

    #[test]
    fn an_issuer_that_ends_in_a_slash_keeps_it_but_not_in_the_discovery_address() {
        let mut settings = whole();
        settings["issuers"][0]["issuer"] = json!("https://example.eu.auth0.com/");
        let issuer = read(&settings).unwrap().issuers.remove(0);
        assert_eq!(issuer.name, "https://example.eu.auth0.com/");
        let address = "https://example.eu.auth0.com/.well-known/openid-configuration";
        assert_eq!(issuer.keys, KeysAddress::Discovery(address.to_owned()));
    }

    #[test]
    fn either_address_of_the_keys_can_be_given() {
        let mut settings = whole();
        settings["issuers"][0]["jwks_url"] = json!("http://localhost:4566/keys");
        let keys = read(&settings).unwrap().issuers.remove(0).keys;
        assert_eq!(keys, KeysAddress::Jwks("http://localhost:4566/keys".into()));

        settings["issuers"][0]["discovery_url"] = json!("https://example.com/d");
        assert!(matches!(
            read(&settings),
            Err(SettingsError::TwoAddresses(_))
        ));
    }

    #[test]
    fn keys_never_travel_in_the_clear_between_machines() {
        for address in [
            "http://example.com/keys",
            "http://localhost.example.com/keys",
            "ftp://localhost/keys",
            "/keys",
            "",
        ] {
            let mut settings = whole();
            settings["issuers"][0]["jwks_url"] = json!(address);
            let refused = SettingsError::Address(address.to_owned());
            assert_eq!(read(&settings), Err(refused));
        }
    }

    #[test]
    fn an_issuer_without_audience_and_client_ids_is_refused() {
        let mut settings = whole();
        settings["issuers"][0]["client_ids"] = json!([]);
        assert!(matches!(
            read(&settings),
            Err(SettingsError::AnyAudience(_))
        ));
        settings["issuers"][0]["audience"] = json!(["https://api.example.com"]);
        assert!(read(&settings).is_ok());
    }

    #[test]
    fn a_route_that_a_policy_could_only_name_with_others_is_refused() {
        for (method, path) in [
            ("GET", "/users/{id}"),
            ("GET", "/users/*"),
            ("GET", "/${aws:username}"),
            ("GET", "users"),
            ("get", "/users"),
            ("*", "/users"),
            ("ANY", "/users"),
            ("", "/users"),
        ] {
            let mut settings = whole();
            settings["routes"][0] = json!({ "method": method, "path": path });
            let refused = SettingsError::Route(format!("{method} {path}"));
            assert_eq!(read(&settings), Err(refused));
        }
    }

    #[test]
    fn what_is_there_twice_or_not_at_all_is_refused() {
        for (key, refused_empty) in [
            ("issuers", SettingsError::NoIssuer),
            ("routes", SettingsError::NoRoute),
        ] {
            let mut settings = whole();
            let entry = settings[key][0].clone();
            settings[key].as_array_mut().unwrap().push(entry);
            let error = read(&settings).unwrap_err();
            assert!(error.to_string().ends_with("is there twice"), "{error}");
            settings[key] = json!([]);
            assert_eq!(read(&settings), Err(refused_empty));
        }
    }

    #[test]
    fn sessions_are_kept_in_a_table_that_has_a_name() {
        let mut settings = whole();
        assert_eq!(read(&settings).unwrap().sessions_table(), None);
        settings["sessions"] = json!({ "table": "sessions", "issuer": "https://api.example" });
        assert_eq!(read(&settings).unwrap().sessions_table(), Some("sessions"));
        settings["sessions"]["table"] = json!("");
        assert_eq!(read(&settings), Err(SettingsError::NoTable));
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let mut settings = whole();
        settings["issuers"][0]["audiences"] = json!(["https://api.example.com"]);
        let error = read(&settings).unwrap_err().to_string();
        assert!(error.contains("audiences"), "{error}");
    }
}
