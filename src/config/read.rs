//! From the text of `config.json` to a [`Config`], or to the list of all its mistakes.

use std::cell::RefCell;

use serde_json::Value;

use super::reader::Reader;
use super::{
    Api, Config, ConfigError, IdentityPool, Mistake, Route, RouteAuth, StorageKind, UserPool, check,
};
use crate::http::Method;

const SIGN_IN_PATH: &str = "/authenticated";
const SIGN_OUT_PATH: &str = "/signedout";
const PATH_ON_THIS_SITE: &str = "a path on this site, like \"/authenticated\"";
const REGION: &str = "an AWS region, like \"eu-west-1\"";
const ROUTES: &str = "a list of routes, each with name, method, path and auth";
const ADDRESS: &str = "an https address (http only for localhost)";

/// Reads a configuration.
///
/// # Errors
/// [`ConfigError`] with every mistake at once, each with its key and what was expected.
///
/// ```
/// let text = r#"{ "region": "eu-west-1", "user_pool": { "id": "eu-west-1_A", "client_id": "c", "domain": "d.example.com" },
///   "api": { "base_url": "https://api.example.com/latest", "routes": [] } }"#;
/// let config = velvet_rope::config::parse(text).unwrap();
/// assert_eq!(config.user_pool.issuer, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A");
/// ```
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    let value: Value = serde_json::from_str(text).map_err(|error| ConfigError::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let mistakes = RefCell::new(Vec::new());
    let config = read_config(&value, &mistakes);
    let mistakes = mistakes.into_inner();
    match config {
        Some(config) if mistakes.is_empty() => Ok(config),
        _ => Err(ConfigError::Mistakes(mistakes)),
    }
}

/// Each part is read before the first is missed, so that all mistakes are found in one pass.
fn read_config(value: &Value, mistakes: &RefCell<Vec<Mistake>>) -> Option<Config> {
    let known = ["region", "user_pool", "identity_pool", "api", "session"];
    let top = Reader::new(Some(value), String::new(), &known, mistakes);
    let region = top.required("region", REGION, check::region);
    let region_or_any = region.as_deref().unwrap_or_default();
    let user_pool = read_user_pool(&top, region_or_any);
    let identity_pool = top
        .optional_section("identity_pool", &["id", "endpoint"])
        .map(|section| read_identity_pool(&section));
    let api = read_api(&top, region_or_any);
    let storage = top
        .optional_section("session", &["storage"])
        .and_then(|section| {
            section.optional(
                "storage",
                "\"session\", \"local\" or \"memory\"",
                storage_kind,
            )
        })
        .unwrap_or(StorageKind::Session);
    let api = api?;
    if identity_pool.is_none()
        && let Some(index) = api
            .routes
            .iter()
            .position(|route| route.auth == RouteAuth::Iam)
    {
        let expected = format!(
            "the identity pool that api.routes[{index}] needs, because its auth is \"iam\""
        );
        top.report("identity_pool", &expected);
    }
    region?;
    let identity_pool = match identity_pool {
        Some(read) => Some(read?),
        None => None,
    };
    Some(Config {
        user_pool: user_pool?,
        identity_pool,
        api,
        storage,
    })
}

fn read_user_pool(top: &Reader<'_>, region: &str) -> Option<UserPool> {
    let known = [
        "id",
        "client_id",
        "domain",
        "issuer",
        "scopes",
        "sign_in_path",
        "sign_out_path",
    ];
    let section = top.section("user_pool", &known);
    let id = section.required(
        "id",
        "a user pool id, like \"eu-west-1_AbCdEfGhI\"",
        |text| {
            check::user_pool_id(text)
                .filter(|id| region.is_empty() || id.starts_with(&format!("{region}_")))
        },
    );
    let client_id = section.required(
        "client_id",
        "the id of a public app client (no secret)",
        check::word,
    );
    let domain = section.required(
        "domain",
        "the hosted-UI domain, with or without https://",
        check::address,
    );
    let issuer = section.optional(
        "issuer",
        "the https address in the tokens' iss claim",
        check::address,
    );
    let scopes = section.optional_words("scopes", "a list of scopes, like [\"openid\", \"email\"]");
    if scopes
        .as_ref()
        .is_some_and(|scopes| !scopes.iter().any(|scope| scope == "openid"))
    {
        section.report(
            "scopes",
            "\"openid\" among the scopes: without it there is no ID token",
        );
    }
    let sign_in_path = section.optional("sign_in_path", PATH_ON_THIS_SITE, check::site_path);
    let sign_out_path = section.optional("sign_out_path", PATH_ON_THIS_SITE, check::site_path);
    let id = id?;
    let pool_region = id.split('_').next().unwrap_or_default();
    Some(UserPool {
        issuer: issuer
            .unwrap_or_else(|| format!("https://cognito-idp.{pool_region}.amazonaws.com/{id}")),
        client_id: client_id?,
        domain: domain?,
        scopes: scopes
            .unwrap_or_else(|| ["openid", "email", "profile"].map(str::to_owned).to_vec()),
        sign_in_path: sign_in_path.unwrap_or_else(|| SIGN_IN_PATH.to_owned()),
        sign_out_path: sign_out_path.unwrap_or_else(|| SIGN_OUT_PATH.to_owned()),
    })
}

fn read_identity_pool(section: &Reader<'_>) -> Option<IdentityPool> {
    let expected = "an identity pool id, like \"eu-west-1:00000000-1111-2222-3333-444444444444\"";
    let id = section.required("id", expected, check::identity_pool_id);
    let endpoint = section.optional("endpoint", ADDRESS, check::address);
    let id = id?;
    let region = id.split(':').next().unwrap_or_default();
    let endpoint =
        endpoint.unwrap_or_else(|| format!("https://cognito-identity.{region}.amazonaws.com"));
    Some(IdentityPool { id, endpoint })
}

fn read_api(top: &Reader<'_>, region: &str) -> Option<Api> {
    let section = top.section("api", &["base_url", "key", "region", "service", "routes"]);
    let expected = "the address of the API's stage, like \"https://a1b2.execute-api.eu-west-1.amazonaws.com/latest\"";
    let base_url = section.required("base_url", expected, check::address);
    let key = section.optional(
        "key",
        "the value of an API key, 20 to 128 characters",
        |text| check::word(text).filter(|key| (20..=128).contains(&key.len())),
    );
    let api_region = section.optional("region", REGION, check::region);
    let service = section.optional(
        "service",
        "the service to sign for, usually \"execute-api\"",
        check::word,
    );
    let known = ["name", "method", "path", "auth"];
    let mut routes: Vec<Route> = Vec::new();
    for item in section.list("routes", ROUTES, &known) {
        let Some(route) = read_route(&item) else {
            continue;
        };
        if routes.iter().any(|other| other.name == route.name) {
            item.report("name", "a name that no other route has");
        }
        routes.push(route);
    }
    Some(Api {
        base_url: base_url?,
        key,
        region: api_region.unwrap_or_else(|| region.to_owned()),
        service: service.unwrap_or_else(|| "execute-api".to_owned()),
        routes,
    })
}

fn read_route(item: &Reader<'_>) -> Option<Route> {
    let name = item.required("name", "a name to show, on one line", check::name);
    let method = item.required(
        "method",
        "one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        method,
    );
    let expected = "a path starting with one \"/\", percent-encoded, without //, . or .. segments";
    let path = item.required("path", expected, check::wire_path);
    let auth = item.required(
        "auth",
        "\"open\" (API key only), \"iam\" (signed) or \"bearer\" (access token)",
        route_auth,
    );
    Some(Route {
        name: name?,
        method: method?,
        path: path?,
        auth: auth?,
    })
}

fn method(text: &str) -> Option<Method> {
    Method::ALL
        .into_iter()
        .find(|method| method.as_str() == text)
}

fn route_auth(text: &str) -> Option<RouteAuth> {
    match text {
        "open" => Some(RouteAuth::Open),
        "iam" => Some(RouteAuth::Iam),
        "bearer" => Some(RouteAuth::Bearer),
        _ => None,
    }
}

fn storage_kind(text: &str) -> Option<StorageKind> {
    match text {
        "session" => Some(StorageKind::Session),
        "local" => Some(StorageKind::Local),
        "memory" => Some(StorageKind::Memory),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: &str = include_str!("../../public/config.example.json");

    fn mistakes(text: &str) -> Vec<(String, Option<String>)> {
        match parse(text) {
            Err(ConfigError::Mistakes(list)) => {
                list.into_iter().map(|one| (one.key, one.found)).collect()
            }
            other => panic!("expected mistakes, got {other:?}"),
        }
    }

    #[test]
    fn reads_the_example_that_the_docs_show() {
        let config = parse(EXAMPLE).unwrap();
        assert_eq!(
            config.user_pool.domain,
            "https://your-prefix.auth.eu-west-1.amazoncognito.com"
        );
        assert_eq!(
            config.user_pool.logins_key(),
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
        );
        assert_eq!(
            config.identity_pool.unwrap().endpoint,
            "https://cognito-identity.eu-west-1.amazonaws.com"
        );
        assert_eq!(config.api.routes[1].auth, RouteAuth::Iam);
        assert_eq!(config.api.region, "eu-west-1");
    }

    #[test]
    fn lists_every_mistake_at_once_by_key() {
        let text = r#"{ "region": "Ireland", "user_pool": { "id": "nope", "clientid": "x" },
            "api": { "base_url": "http://example.com", "routes": [
              { "name": "A", "method": "get", "path": "a", "auth": "iam" }, 7 ] },
            "session": { "storage": "cookie" } }"#;
        let keys: Vec<String> = mistakes(text).into_iter().map(|(key, _)| key).collect();
        for key in [
            "region",
            "user_pool.id",
            "user_pool.clientid",
            "user_pool.client_id",
            "user_pool.domain",
            "api.base_url",
            "api.routes[0].method",
            "api.routes[0].path",
            "api.routes[1]",
            "session.storage",
        ] {
            assert!(
                keys.iter().any(|found| found == key),
                "{key} is not in {keys:?}"
            );
        }
    }

    #[test]
    fn says_what_it_found() {
        let text = EXAMPLE.replace("eu-west-1_AbCdEfGhI", "us-east-1_AbCdEfGhI");
        assert_eq!(
            mistakes(&text),
            [(
                "user_pool.id".to_owned(),
                Some("\"us-east-1_AbCdEfGhI\"".to_owned())
            )]
        );
    }

    #[test]
    fn a_signed_route_needs_an_identity_pool() {
        let text = EXAMPLE.replace("\"identity_pool\"", "\"identity_poo\"");
        let found = mistakes(&text);
        assert!(
            found.contains(&("identity_pool".to_owned(), None)),
            "{found:?}"
        );
    }

    #[test]
    fn scopes_without_openid_are_a_mistake() {
        let text = EXAMPLE.replace("\"openid\", ", "");
        assert_eq!(mistakes(&text)[0].0, "user_pool.scopes");
    }

    #[test]
    fn two_routes_of_one_name_are_a_mistake() {
        let text = EXAMPLE.replace("Protected route", "Open route");
        assert_eq!(mistakes(&text)[0].0, "api.routes[1].name");
    }

    #[test]
    fn broken_json_is_pointed_at() {
        assert_eq!(
            parse("{\n  \"region\": ,"),
            Err(ConfigError::NotJson {
                line: 2,
                column: 13
            })
        );
    }

    proptest! {
        #[test]
        fn never_panics_on_any_text(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn never_panics_when_a_piece_of_a_good_file_is_replaced(from in 0_usize..700, len in 0_usize..60, with in ".{0,20}") {
            let mut characters: Vec<char> = EXAMPLE.chars().collect();
            let from = from.min(characters.len());
            let to = (from + len).min(characters.len());
            characters.splice(from..to, with.chars());
            let _ = parse(&characters.into_iter().collect::<String>());
        }
    }
}
