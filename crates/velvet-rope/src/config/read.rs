//! From the text of `config.json` to a [`Config`], or to the list of all its mistakes.

use std::time::Duration;

use serde_json::Value;

use super::api::read_api;
use super::json::Json;
use super::provider::read_provider;
use super::reader::{Mistakes, Reader};
use super::{
    Accounts, Config, ConfigError, IdentityPool, RouteAuth, SessionPolicy, StorageKind, check,
};

/// Expected where an address is configured.
const ADDRESS: &str = "an https address (http only for localhost)";

/// Reads a configuration.
///
/// It reads no network and no storage. Unknown keys are mistakes, so that a typing error in an optional key is noticed.
///
/// # Errors
/// [`ConfigError`] with every mistake at once, each with its key and what was expected.
///
/// ```
/// let text = r#"{ "region": "eu-west-1", "user_pool": { "id": "eu-west-1_A", "client_id": "c", "domain": "d.example.com" },
///   "api": { "base_url": "https://api.example.com/latest", "routes": [] } }"#;
/// let config = velvet_rope::config::parse(text).unwrap();
/// assert_eq!(config.provider.issuer, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A");
/// ```
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    // Some editors write a byte order mark, which is no part of the JSON (RFC 8259, section 8.1).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|error| ConfigError::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let mistakes = Mistakes::default();
    match read_config(&value, &mistakes) {
        Some(config) if mistakes.is_empty() => Ok(config),
        _ => Err(ConfigError::Mistakes(mistakes.into_described())),
    }
}

/// Each part is read before the first is missed, so that all mistakes are found in one pass.
pub(super) fn read_config<J: Json>(value: &J, mistakes: &Mistakes) -> Option<Config> {
    let known = [
        "region",
        "user_pool",
        "oidc",
        "identity_pool",
        "api",
        "accounts",
        "session",
    ];
    let top = Reader::new(Some(value), String::new(), &known, mistakes);
    let region = top.required("region", check::REGION, &check::region);
    let region_or_any = region.as_deref().unwrap_or_default();
    let provider = read_provider(&top, region_or_any);
    let identity_pool = top
        .optional_section("identity_pool", &["id", "endpoint", "guest_access"])
        .map(|section| read_identity_pool(&section));
    let api = read_api(&top, region_or_any);
    let accounts = top
        .optional_section("accounts", &["base_url"])
        .map(|section| section.optional("base_url", ADDRESS, &check::address));
    let session = read_session(&top);
    let api = api?;
    if identity_pool.is_none()
        && let Some(index) = api
            .routes
            .iter()
            .position(|route| route.auth == RouteAuth::Iam)
    {
        let expected = if J::DESCRIBED {
            format!("the identity pool that api.routes[{index}] needs, because its auth is \"iam\"")
        } else {
            String::new()
        };
        top.report("identity_pool", &expected);
    } else if identity_pool.is_none() && api.record.is_some() {
        let expected = "the identity pool that api.record_path needs, because its route is signed";
        top.report("identity_pool", expected);
    }
    region?;
    let identity_pool = match identity_pool {
        Some(read) => Some(read?),
        None => None,
    };
    Some(Config {
        provider: provider?,
        identity_pool,
        accounts: accounts.map(|base_url| Accounts {
            base_url: base_url.unwrap_or_else(|| api.base_url.clone()),
        }),
        api,
        session,
    })
}

/// The section `session`, or its defaults.
fn read_session<J: Json>(top: &Reader<'_, J>) -> SessionPolicy {
    let section = top.optional_section("session", &["storage", "idle_minutes"]);
    let section = section.as_ref();
    let storage = section.and_then(|section| {
        let expected = "\"session\", \"local\" or \"memory\"";
        section.optional("storage", expected, &storage_kind)
    });
    let idle_minutes = section.and_then(|section| {
        let expected = "a number of minutes from 2 to 1440";
        section.optional_number("idle_minutes", expected, 2..=1_440)
    });
    SessionPolicy {
        storage: storage.unwrap_or(StorageKind::Session),
        idle_limit: idle_minutes.map(Duration::from_mins),
    }
}

/// The region of the pool is that in its id; it may differ from the region of the API.
fn read_identity_pool<J: Json>(section: &Reader<'_, J>) -> Option<IdentityPool> {
    let expected = "an identity pool id, like \"eu-west-1:00000000-1111-2222-3333-444444444444\"";
    let id = section.required("id", expected, &check::identity_pool_id);
    let endpoint = section.optional("endpoint", ADDRESS, &check::address);
    let guest_access = section.optional_flag("guest_access").unwrap_or_default();
    let id = id?;
    let region = id.split(':').next().unwrap_or_default();
    let endpoint = endpoint
        .unwrap_or_else(|| ["https://cognito-identity.", region, ".amazonaws.com"].concat());
    Some(IdentityPool {
        id,
        endpoint,
        guest_access,
    })
}

/// The values of `session.storage`.
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
    use crate::config::{LogoutStyle, ProviderKind, Rotation};

    const EXAMPLE: &str = crate::config::EXAMPLE;

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
        let pool = "https://cognito-idp.eu-west-1.amazonaws.com";
        let expected = ProviderKind::Cognito {
            domain: "https://your-prefix.auth.eu-west-1.amazoncognito.com".to_owned(),
            endpoint: pool.to_owned(),
            jwks_url: format!("{pool}/eu-west-1_AbCdEfGhI/.well-known/jwks.json"),
        };
        assert_eq!(config.provider.kind, expected);
        assert_eq!(config.provider.rotation, Rotation::Unknown);
        assert_eq!(
            config.provider.logins_key,
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
    fn the_route_of_the_own_record_is_a_path_and_signed() {
        let with = |path: &str| {
            EXAMPLE.replacen("\"key\":", &format!("\"record_path\": {path}, \"key\":"), 1)
        };
        let config = parse(&with("\"/me\"")).unwrap();
        assert_eq!(config.api.record.unwrap().path, "/me");
        assert_eq!(parse(EXAMPLE).unwrap().api.record, None);
        let refused = mistakes(&with("\"//evil\""));
        assert_eq!(refused[0].0, "api.record_path");

        let mut value: Value = serde_json::from_str(&with("\"/me\"")).unwrap();
        value.as_object_mut().unwrap().remove("identity_pool");
        value["api"]["routes"] = serde_json::json!([]);
        assert_eq!(
            mistakes(&value.to_string()),
            [("identity_pool".to_owned(), None)]
        );
    }

    #[test]
    fn an_api_description_is_on_the_site_or_at_an_address() {
        let with = |place: &str| {
            EXAMPLE.replacen(
                "\"key\":",
                &format!("\"openapi\": \"{place}\", \"key\":"),
                1,
            )
        };
        for place in ["/openapi.json", "https://docs.example.com/api.yaml"] {
            assert_eq!(
                parse(&with(place)).unwrap().api.openapi.as_deref(),
                Some(place)
            );
        }
        for place in [
            "openapi.json",
            "http://docs.example.com/a",
            "//elsewhere/a",
            "",
        ] {
            let refused = mistakes(&with(place));
            assert_eq!(refused[0].0, "api.openapi", "{place}");
        }
    }

    #[test]
    fn accounts_are_at_the_api_unless_they_are_elsewhere() {
        let accounts = |section: &str| {
            let text = EXAMPLE.replacen('{', &["{", section].concat(), 1);
            parse(&text).map(|config| config.accounts.map(|accounts| accounts.base_url))
        };
        let api = parse(EXAMPLE).unwrap().api.base_url;
        assert_eq!(accounts(""), Ok(None));
        assert_eq!(accounts(r#""accounts": {},"#), Ok(Some(api)));
        let elsewhere = Some("https://accounts.example.com".to_owned());
        let section = r#""accounts": { "base_url": "accounts.example.com/" },"#;
        assert_eq!(accounts(section), Ok(elsewhere));
        assert!(accounts(r#""accounts": { "base_url": 1 },"#).is_err());
        assert!(accounts(r#""accounts": { "url": "https://a.example" },"#).is_err());
    }

    fn with_oidc(section: &str) -> String {
        let mut value: Value = serde_json::from_str(EXAMPLE).unwrap();
        let top = value.as_object_mut().unwrap();
        top.remove("user_pool");
        top.insert("oidc".to_owned(), serde_json::from_str(section).unwrap());
        value.to_string()
    }

    #[test]
    fn reads_a_provider_other_than_cognito() {
        let section = r#"{ "issuer": "https://tenant.eu.auth0.com/", "client_id": "c", "logout": "auth0",
            "audience": "https://api.example.com", "refresh_token_grace_seconds": 30 }"#;
        let provider = parse(&with_oidc(section)).unwrap().provider;
        assert_eq!(provider.issuer, "https://tenant.eu.auth0.com/");
        assert_eq!(provider.logins_key, "tenant.eu.auth0.com");
        let grace = Duration::from_secs(30);
        assert_eq!(provider.rotation, Rotation::On { grace });
        let expected = ProviderKind::Oidc {
            logout: LogoutStyle::Auth0,
            audience: Some("https://api.example.com".to_owned()),
        };
        assert_eq!(provider.kind, expected);
    }

    #[test]
    fn finds_the_mistakes_of_another_provider_and_of_two_at_once() {
        let section = r#"{ "issuer": "http://tenant.example.com", "logout": "door", "refresh_token_rotation": "on",
            "refresh_token_grace_seconds": 61 }"#;
        let keys: Vec<String> = mistakes(&with_oidc(section))
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        let expected = [
            "oidc.issuer",
            "oidc.logout",
            "oidc.client_id",
            "oidc.refresh_token_grace_seconds",
            "oidc.refresh_token_rotation",
        ];
        assert_eq!(keys, expected);
        let same = r#"{ "issuer": "https://a.example", "client_id": "c", "sign_in_path": "/cb/", "sign_out_path": "/authenticated" }"#;
        let keys: Vec<String> = mistakes(&with_oidc(same))
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, ["oidc.sign_in_path", "oidc.sign_out_path"]);
        let oidc = r#""oidc": { "issuer": "https://a.example", "client_id": "c" }, "user_pool""#;
        let both = EXAMPLE.replace("\"user_pool\"", oidc);
        assert_eq!(mistakes(&both)[0].0, "oidc");
    }

    #[test]
    fn reads_how_long_a_session_may_lie_idle_and_whether_guests_get_credentials() {
        let text = EXAMPLE
            .replace("\"storage\": \"session\"", "\"idle_minutes\": 15")
            .replace(
                "\"identity_pool\": {",
                "\"identity_pool\": { \"guest_access\": true,",
            );
        let config = parse(&text).unwrap();
        assert_eq!(config.session.idle_limit, Some(Duration::from_mins(15)));
        assert_eq!(config.session.storage, StorageKind::Session);
        assert!(config.identity_pool.unwrap().guest_access);
        let text = EXAMPLE.replace("\"storage\": \"session\"", "\"idle_minutes\": 1");
        assert_eq!(mistakes(&text)[0].0, "session.idle_minutes");
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
    fn pasted_values_are_normalized_where_they_come_in() {
        let typed = EXAMPLE
            .replace("your-prefix.auth", " https://Your-Prefix.AUTH")
            .replace(".amazoncognito.com\"", ".amazoncognito.com:443/\\n\"")
            .replace(
                "https://a1b2c3d4e5.execute-api",
                "\u{a0}https://A1B2C3D4E5.Execute-API",
            )
            .replace("amazonaws.com/latest", "amazonaws.com:443/latest/")
            .replace("\"eu-west-1\"", "\"EU-WEST-1 \"")
            .replace(
                "1example23456789abcdefghij",
                "\\t1example23456789abcdefghij\u{200b}",
            )
            .replace("\"openid\"", "\" openid\"");
        assert_ne!(typed, EXAMPLE);
        assert_eq!(parse(&["\u{feff}", &typed].concat()), parse(EXAMPLE));
    }

    #[test]
    fn an_international_host_is_refused_with_the_form_that_works() {
        let text = EXAMPLE.replace("a1b2c3d4e5.", "bücher.");
        let Err(ConfigError::Mistakes(mistakes)) = parse(&text) else {
            panic!("accepted");
        };
        assert_eq!(mistakes.len(), 1);
        assert_eq!(
            (&*mistakes[0].key, &*mistakes[0].expected),
            ("api.base_url", check::ASCII_HOST)
        );
        assert!(parse(&EXAMPLE.replace("a1b2c3d4e5.", "xn--bcher-kva.")).is_ok());
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
