//! The headers, out of a page and a configuration.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use hosting_rules::{Destinations, Headers, Page, PageError, Unusable};
use proptest::prelude::*;
use serde_json::{Value, json};

const PAGE: &str = "<!DOCTYPE html><title>A page</title>
<script type=\"module\">let a = 1;</script>
<style>p{}</style>
<script src=\"/a.js\"></script><SCRIPT data-x='>'>let b = 2;</script >";

fn example() -> Value {
    let text = include_str!("../../../public/config.example.json");
    serde_json::from_str(text).unwrap()
}

fn with_provider(issuer: &str) -> Value {
    let mut config = example();
    config.as_object_mut().unwrap().remove("user_pool");
    config["oidc"] = json!({ "issuer": issuer, "client_id": "c" });
    config
}

fn destinations(config: &Value) -> Destinations {
    Destinations::of(&config.to_string()).unwrap()
}

fn policy(config: &Value) -> String {
    let page = Page::read(PAGE).unwrap();
    Headers::new(&page, &destinations(config)).content_security_policy
}

/// The sources of one directive.
fn sources(policy: &str, directive: &str) -> Vec<String> {
    let mut directives = policy.split("; ").map(|directive| directive.split(' '));
    let mut found =
        directives.find_map(|mut words| (words.next() == Some(directive)).then_some(words));
    found.iter_mut().flatten().map(str::to_owned).collect()
}

#[test]
fn connects_to_exactly_the_hosts_of_a_user_pool() {
    assert_eq!(
        sources(&policy(&example()), "connect-src"),
        [
            "'self'",
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "https://cognito-identity.eu-west-1.amazonaws.com",
            "https://cognito-idp.eu-west-1.amazonaws.com",
            "https://your-prefix.auth.eu-west-1.amazoncognito.com",
        ]
    );
}

#[test]
fn connects_to_the_accounts_wherever_they_are() {
    let mut config = example();
    config["accounts"] = json!({});
    assert_eq!(policy(&config), policy(&example()));
    config["accounts"]["base_url"] = json!("https://accounts.example.com/latest");
    let sources = sources(&policy(&config), "connect-src");
    assert!(
        sources.contains(&"https://accounts.example.com".to_owned()),
        "{sources:?}"
    );
}

#[test]
fn follows_the_endpoints_that_a_configuration_names() {
    let mut config = example();
    config["user_pool"]["domain"] = json!("http://localhost:4566");
    config["user_pool"]["endpoint"] = json!("http://localhost:4566");
    config["identity_pool"]["endpoint"] = json!("https://identity.example.com:8443/path");
    config["api"]["base_url"] = json!("http://a1b2.execute-api.localhost:4566/latest");
    let policy = policy(&config);
    assert_eq!(
        sources(&policy, "connect-src"),
        [
            "'self'",
            "http://a1b2.execute-api.localhost:4566",
            "http://localhost:4566",
            "https://identity.example.com:8443",
        ]
    );
    // Or requests to the local cloud would go to a port that speaks no TLS.
    assert!(!policy.contains("upgrade-insecure-requests"), "{policy}");
}

#[test]
fn without_an_identity_pool_there_is_nothing_to_say_to_one() {
    let mut config = example();
    config.as_object_mut().unwrap().remove("identity_pool");
    config["api"]["routes"] = json!([]);
    let policy = policy(&config);
    assert!(!policy.contains("cognito-identity"), "{policy}");
}

#[test]
fn a_provider_is_asked_where_its_endpoints_are() {
    let mut found = destinations(&with_provider("https://login.example.com/"));
    assert_eq!(
        found.discovery_address().as_deref(),
        Some("https://login.example.com/.well-known/openid-configuration")
    );
    let document = json!({
        "issuer": "https://login.example.com/",
        "authorization_endpoint": "https://people.example.com/authorize",
        "token_endpoint": "https://tokens.example.com/token",
        "jwks_uri": "https://keys.example.net/jwks",
        "revocation_endpoint": "https://login.example.com/revoke",
        "end_session_endpoint": "https://people.example.com/logout",
    });
    found.add_discovered(200, &document.to_string()).unwrap();
    found.add("https://more.example.com/any/path").unwrap();
    let origins: Vec<&str> = found.origins().collect();
    for origin in [
        "login.example.com",
        "tokens.example.com",
        "keys.example.net",
        "more.example.com",
    ] {
        assert!(
            origins.contains(&format!("https://{origin}").as_str()),
            "{origins:?}"
        );
    }
    // The browser goes there, the page does not send anything.
    assert!(
        !origins.contains(&"https://people.example.com"),
        "{origins:?}"
    );
}

#[test]
fn a_provider_that_speaks_for_somebody_else_is_refused() {
    let mut found = destinations(&with_provider("https://login.example.com/"));
    let before = found.clone();
    let document = json!({ "issuer": "https://other.example.com/" });
    let refusal = found
        .add_discovered(200, &document.to_string())
        .unwrap_err();
    assert!(
        refusal.to_string().contains("https://other.example.com/"),
        "{refusal}"
    );
    assert!(found.add_discovered(503, "").is_err());
    assert!(found.add("http://login.example.com").is_err());
    assert_eq!(found, before);
}

#[test]
fn a_configuration_that_the_page_would_refuse_is_refused_with_every_mistake() {
    let mut config = example();
    config["region"] = json!("Ireland");
    config["api"]["base_url"] = json!("http://example.com");
    let Err(Unusable::Configuration(mistakes)) = Destinations::of(&config.to_string()) else {
        panic!("taken")
    };
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.contains("region") && mistake.contains("Ireland"))
    );
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.contains("api.base_url"))
    );
    assert!(Destinations::of("{").is_err());
}

#[test]
fn a_callback_that_hosts_would_take_for_a_file_is_refused() {
    let mut config = example();
    config["user_pool"]["sign_in_path"] = json!("/auth.callback");
    let refusal = Destinations::of(&config.to_string()).unwrap_err();
    assert_eq!(
        refusal,
        Unusable::PathLikeAFile("/auth.callback".to_owned())
    );
}

#[test]
fn allows_each_script_of_the_page_by_its_hash_and_none_otherwise() {
    let policy = policy(&example());
    // printf 'let a = 1;' | openssl dgst -sha256 -binary | base64, and the same of the other one.
    assert_eq!(
        sources(&policy, "script-src"),
        [
            "'self'",
            "'wasm-unsafe-eval'",
            "'sha256-xY6QKfH9PRsQnLz56nj6MBwiK5oHg+im1Jkpdp1x/Ck='",
            "'sha256-/VxadKDFjxChkEqCBxYHGM8PchobZLHFZXlH4lVDfJI='",
        ]
    );
    // printf 'p{}' | openssl dgst -sha256 -binary | base64
    assert_eq!(
        sources(&policy, "style-src"),
        [
            "'self'",
            "'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='"
        ]
    );
    // Only images may be written into page and styles.
    let others = policy.replace("img-src 'self' data: blob:", "");
    for word in ["unsafe-inline", "'unsafe-eval'", "*", "data:"] {
        assert!(!others.contains(word), "{policy}");
    }
}

#[test]
fn hashes_the_text_that_the_browser_hashes() {
    let unix = Page::read("<script>\nlet a = 1;\n</script>").unwrap();
    let windows = Page::read("<script>\r\nlet a = 1;\r\n</script>").unwrap();
    assert_eq!(unix, windows);
    assert_ne!(unix, Page::read("<script>let a = 1;</script>").unwrap());
}

#[test]
fn a_page_that_no_strict_policy_allows_is_refused() {
    for html in ["<script>let a", "<style>p {}", "<style"] {
        assert_eq!(Page::read(html), Err(PageError::Unfinished), "{html}");
    }
    for html in [
        "<p STYLE=\"color: red\">",
        "<script></script><p style=x>",
        "<style></style><p style=x>",
    ] {
        assert_eq!(Page::read(html), Err(PageError::StyleAttribute), "{html}");
    }
    // What looks like a tag in a script or a style is its text.
    let page = Page::read("<script>'<style>'</script><style>/*<script>*/</style>").unwrap();
    assert_ne!(page, Page::read("<script>'<style>'</script>").unwrap());
    Page::read("<link rel=stylesheet href=/style.css><p class=style>style=</p>").unwrap();
}

#[test]
fn between_two_releases_the_policy_fits_both() {
    let mut config = example();
    config["api"]["base_url"] = json!("https://new.example.com/latest");
    let (old, new) = (destinations(&example()), destinations(&config));
    let page = Page::read("<script>new</script><style>new{}</style>").unwrap();
    let headers = Headers::new(&page.and(&Page::read(PAGE).unwrap()), &new.and(&old));
    let policy = headers.content_security_policy;
    assert_eq!(sources(&policy, "script-src").len(), 2 + 3, "{policy}");
    assert_eq!(sources(&policy, "style-src").len(), 1 + 2, "{policy}");
    assert_eq!(sources(&policy, "connect-src").len(), 1 + 5, "{policy}");
    assert_eq!(page.and(&page), page);
}

#[test]
fn every_header_is_there_once() {
    let headers = Headers::new(&Page::read(PAGE).unwrap(), &destinations(&example()));
    let mut names = headers.all().map(|(name, _)| name.to_ascii_lowercase());
    names.sort_unstable();
    let expected = [
        "content-security-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
    ];
    assert_eq!(names, expected);
    assert!(
        headers
            .content_security_policy
            .ends_with("; upgrade-insecure-requests")
    );
}

proptest! {
    /// Neither a second header nor another directive can come in by the configuration.
    #[test]
    fn no_value_breaks_out_whatever_the_configuration_says(
        key in prop::sample::select(vec!["/user_pool/domain", "/user_pool/endpoint", "/identity_pool/endpoint", "/api/base_url"]),
        scheme in prop::sample::select(vec!["https://", "http://localhost", ""]),
        text in "[a-z.]{0,8}(\\PC|[\r\n\t ;,'\"*]|%0d%0a|://|:80|/){0,6}[a-z.]{0,8}",
        page in "(<script>|</script>|[\\PC\r\n]){0,30}",
    ) {
        let mut config = example();
        let (parent, name) = key.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[name] = json!(format!("{scheme}{text}"));
        let destinations = Destinations::of(&config.to_string()).unwrap_or_default();
        let page = Page::read(&page).unwrap_or_else(|_| Page::placeholder());
        let headers = Headers::new(&page, &destinations);
        for (name, value) in headers.all() {
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value}");
        }
        let policy = &headers.content_security_policy;
        let expected = if policy.contains("upgrade-insecure-requests") { 10 } else { 9 };
        prop_assert_eq!(policy.split(';').count(), expected, "{}", policy);
        for source in sources(policy, "connect-src") {
            prop_assert!(source == "'self'" || source.starts_with("https://") || source.starts_with("http://"), "{}", source);
            prop_assert!(!source.contains('*'), "{}", source);
        }
    }
}
