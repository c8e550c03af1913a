//! The settings of the authorizer are JSON, made of whatever is configured.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use infra::{Scope, Template};
use serde_json::{Value, json};

const SETTINGS: &str = "Resources/Function/Properties/Environment/Variables/AUTHORIZER_SETTINGS";

fn settings(given: &[(&'static str, &str)]) -> Value {
    let mut values = HashMap::from([
        ("ApiId", "a1b2c3d4e5"),
        ("ApiStageName", "latest"),
        ("UserPoolId", "eu-west-1_A"),
        (
            "UserPoolProviderName",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        ),
        ("UserPoolClientId", "client"),
        ("UserPoolEndpoint", ""),
        ("OidcIssuer", ""),
        ("OidcAudience", ""),
        ("SignedTokensIssuer", ""),
        ("AccountsKeysEndpoint", ""),
        ("MoreIssuers", ""),
        ("SessionsTable", ""),
        ("SessionsIssuer", ""),
        ("TokenRouteScopes", "openid"),
        ("RequestRouteScopes", "openid profile"),
    ]);
    values.extend(given.iter().copied());
    let has = |name: &str| !values[name].is_empty();
    let scope = Scope {
        conditions: HashMap::from([
            ("HasUserPoolEndpoint", has("UserPoolEndpoint")),
            ("HasOidcAudience", has("OidcAudience")),
            ("HasSignedTokens", has("SignedTokensIssuer")),
            ("HasAccountsKeysEndpoint", has("AccountsKeysEndpoint")),
            ("HasMoreIssuers", has("MoreIssuers")),
            ("ReadsSessions", has("SessionsTable")),
        ]),
        values: values
            .iter()
            .map(|(&name, &value)| (name, value.to_owned()))
            .collect(),
    };
    let template = Template::read("authorizer.yaml").unwrap();
    let text = scope.text(template.at(SETTINGS).unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_user_pool_alone_is_one_issuer() {
    assert_eq!(
        settings(&[]),
        json!({
            "issuers": [{
                "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
                "client_ids": ["client"],
                "discovery_url": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/.well-known/openid-configuration",
            }],
            "routes": [
                { "method": "GET", "path": "/require-token", "scopes": "openid" },
                { "method": "GET", "path": "/require-request", "scopes": "openid profile" },
            ],
        })
    );
}

#[test]
fn every_configured_issuer_and_the_sessions_are_added() {
    let api = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";
    let settings = settings(&[
        ("OidcIssuer", "https://example.eu.auth0.com/"),
        ("OidcAudience", "https://api.example.com"),
        ("SignedTokensIssuer", api),
        (
            "MoreIssuers",
            r#"{"issuer":"https://one"},{"issuer":"https://two"}"#,
        ),
        ("SessionsTable", "sessions"),
        ("SessionsIssuer", api),
    ]);
    let issuers = settings["issuers"].as_array().unwrap();
    let names: Vec<_> = issuers.iter().map(|it| it["issuer"].as_str()).collect();
    assert_eq!(
        names[1..],
        [
            Some("https://example.eu.auth0.com/"),
            Some(api),
            Some("https://one"),
            Some("https://two"),
        ]
    );
    assert_eq!(issuers[1]["audience"], json!(["https://api.example.com"]));
    assert_eq!(
        issuers[2]["jwks_url"],
        format!("{api}/.well-known/jwks.json")
    );
    assert_eq!(
        settings["sessions"],
        json!({ "table": "sessions", "issuer": api })
    );
}

#[test]
fn a_local_cloud_has_the_keys_at_its_own_address() {
    let settings = settings(&[
        ("UserPoolEndpoint", "http://localhost:4566"),
        ("SignedTokensIssuer", "https://issuer.example"),
        (
            "AccountsKeysEndpoint",
            "http://localhost:4566/_aws/execute-api",
        ),
    ]);
    let issuers = &settings["issuers"];
    assert_eq!(
        issuers[0]["discovery_url"],
        "http://localhost:4566/eu-west-1_A/.well-known/openid-configuration"
    );
    assert_eq!(
        issuers[1]["jwks_url"],
        "http://localhost:4566/_aws/execute-api/a1b2c3d4e5/latest/.well-known/jwks.json"
    );
}
