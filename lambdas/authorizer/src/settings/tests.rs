//! What the settings accept and refuse.

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
fn keys_are_never_read_without_tls_from_another_machine() {
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
fn repeated_and_missing_entries_are_refused() {
    for (key, refused_empty) in [
        ("issuers", SettingsError::NoIssuer),
        ("routes", SettingsError::NoRoute),
    ] {
        let mut settings = whole();
        let entry = settings[key][0].clone();
        settings[key].as_array_mut().unwrap().push(entry);
        let error = read(&settings).unwrap_err();
        assert!(error.to_string().ends_with("is listed twice"), "{error}");
        settings[key] = json!([]);
        assert_eq!(read(&settings), Err(refused_empty));
    }
}

#[test]
fn the_table_of_sessions_must_have_a_name() {
    let mut settings = whole();
    assert_eq!(read(&settings).unwrap().sessions_table(), None);
    settings["sessions"] = json!({ "table": "sessions", "issuer": "https://api.example" });
    assert_eq!(read(&settings).unwrap().sessions_table(), Some("sessions"));
    settings["sessions"]["table"] = json!("");
    assert_eq!(read(&settings), Err(SettingsError::NoTable));
}

fn with_routes(count: usize) -> Value {
    let route = |index| json!({ "method": "GET", "path": format!("/orders/item-{index:03}") });
    let mut settings = whole();
    settings["routes"] = (0..count).map(route).collect();
    settings
}

#[test]
fn more_routes_than_a_policy_can_list_are_refused_with_the_number_that_fits() {
    let refused = SettingsError::TooManyRoutes {
        configured: 120,
        fitting: 59,
    };
    assert_eq!(read(&with_routes(120)), Err(refused.clone()));
    assert!(refused.to_string().contains("120 routes") && refused.to_string().contains("first 59"));
    assert!(read(&with_routes(59)).is_ok());
    assert!(read(&with_routes(60)).is_err());
}

#[test]
fn the_largest_policy_that_the_settings_allow_is_one_that_the_gateway_accepts() {
    let settings = read(&with_routes(59)).unwrap();
    let bearer = crate::token::Bearer {
        subject: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        scopes: vec!["orders:read"; 30],
        email: Some("user@example.com"),
        issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
    };
    let stage = "s".repeat(STAGE_ARN_BYTES);
    let routes: Vec<_> = settings.routes.iter().collect();
    let answer = crate::policy::allow(&stage, &routes, &bearer).to_string();
    assert!(answer.len() <= 8 * 1024, "{}", answer.len());
}

#[test]
fn a_path_that_no_policy_can_name_is_refused() {
    let mut settings = whole();
    settings["routes"][0]["path"] = json!(format!("/{}", "a".repeat(500)));
    assert!(matches!(
        read(&settings),
        Err(SettingsError::RouteLength(_))
    ));
}

#[test]
fn a_misspelt_key_is_named() {
    let mut settings = whole();
    settings["issuers"][0]["audiences"] = json!(["https://api.example.com"]);
    let error = read(&settings).unwrap_err().to_string();
    assert!(error.contains("audiences"), "{error}");
}
