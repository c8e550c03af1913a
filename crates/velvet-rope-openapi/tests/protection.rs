//! What protects an operation.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::{Value, json};
use velvet_rope_openapi::{ApiKey, LambdaAuthorizer, Location, Operation, Protection};

/// An operation `GET /` with these members, in a document with these members.
fn operation(operation: &Value, document: &Value) -> Operation {
    let mut root = json!({ "openapi": "3.0.1", "paths": { "/": { "get": operation } } });
    for (key, value) in document.as_object().unwrap() {
        root[key] = value.clone();
    }
    let mut document = common::parse(&root.to_string());
    assert_eq!(document.problems, []);
    document.operations.remove(0)
}

fn key(name: &str, location: Location) -> Protection {
    Protection::ApiKey(ApiKey {
        name: name.to_owned(),
        location,
    })
}

#[test]
fn the_protection_is_derived_from_the_scheme() {
    let gateway = |authtype: &str, kind: &str| {
        json!({
            "type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": authtype, "x-amazon-apigateway-authorizer": { "type": kind },
        })
    };
    let iam = json!({ "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" });
    let jwt = json!({ "type": "oauth2", "x-amazon-apigateway-authorizer": { "type": "jwt" } });
    let custom = json!({ "type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authtype": "custom" });
    for (scheme, protection) in [
        (iam, Protection::Iam),
        (jwt, Protection::Jwt),
        (
            gateway("cognito_user_pools", "cognito_user_pools"),
            Protection::CognitoUserPool,
        ),
        (
            gateway("custom", "token"),
            Protection::LambdaAuthorizer(LambdaAuthorizer::Token),
        ),
        (
            gateway("custom", "request"),
            Protection::LambdaAuthorizer(LambdaAuthorizer::Request),
        ),
        (
            gateway("Corporate", "TOKEN"),
            Protection::LambdaAuthorizer(LambdaAuthorizer::Token),
        ),
        (
            custom,
            Protection::LambdaAuthorizer(LambdaAuthorizer::Unknown),
        ),
        (
            json!({ "type": "apiKey", "name": "X-API-Key", "in": "header" }),
            key("X-API-Key", Location::Header),
        ),
        (
            json!({ "type": "apiKey", "name": "k", "in": "query" }),
            key("k", Location::Query),
        ),
        (
            json!({ "type": "http", "scheme": "Bearer" }),
            Protection::Http("bearer".to_owned()),
        ),
        (json!({ "type": "oauth2", "flows": {} }), Protection::OAuth2),
        (
            json!({ "type": "openIdConnect" }),
            Protection::OpenIdConnect,
        ),
        (json!({ "type": "mutualTLS" }), Protection::Unknown),
    ] {
        let components = json!({ "components": { "securitySchemes": { "s": scheme } } });
        let operation = operation(&json!({ "security": [{ "s": ["a:b"] }] }), &components);
        assert_eq!(operation.protection, protection, "{scheme}");
        assert_eq!(operation.security[0][0].scopes, ["a:b"]);
        assert_eq!(
            operation.uses_api_key,
            scheme["name"] == "X-API-Key",
            "{scheme}"
        );
    }
}

#[test]
fn the_security_of_an_operation_replaces_that_of_the_document() {
    let document = json!({
        "security": [{ "key": [] }],
        "components": { "securitySchemes": {
            "key": { "type": "apiKey", "name": "x-api-key", "in": "header" },
            "iam": { "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" },
        } },
    });
    let api_key = key("x-api-key", Location::Header);
    for (members, protection, uses_api_key, alternatives) in [
        (json!({}), api_key.clone(), true, 1),
        (json!({ "security": [] }), Protection::Open, false, 0),
        (json!({ "security": [{}] }), Protection::Open, false, 1),
        (
            json!({ "security": [{ "iam": [] }] }),
            Protection::Iam,
            false,
            1,
        ),
        (
            json!({ "security": [{ "key": [] }, { "iam": [] }] }),
            Protection::Iam,
            true,
            2,
        ),
        (
            json!({ "security": [{ "key": [], "iam": [] }] }),
            Protection::Iam,
            true,
            1,
        ),
        (
            json!({ "security": [{ "NONE": [] }, { "key": [] }] }),
            api_key,
            true,
            2,
        ),
        (
            json!({ "x-amazon-apigateway-auth": { "type": "AWS_IAM" } }),
            Protection::Iam,
            true,
            1,
        ),
    ] {
        let operation = operation(&members, &document);
        assert_eq!(operation.protection, protection, "{members}");
        assert_eq!(operation.uses_api_key, uses_api_key, "{members}");
        assert_eq!(operation.security.len(), alternatives, "{members}");
    }
}

#[test]
fn the_old_extension_shows_iam_beside_the_api_key() {
    let document = common::document("gateway-importer-apikey-swagger2.json");
    let protections = document.operations.iter().map(|one| &one.protection);
    let api_key = key("x-api-key", Location::Header);
    assert_eq!(
        protections.collect::<Vec<_>>(),
        [&Protection::Iam, &api_key]
    );
    assert!(document.operations.iter().all(|one| one.uses_api_key));
}

#[test]
fn a_scheme_that_is_not_defined_is_a_problem_and_no_open_operation() {
    let operation = json!({ "security": [{ "missing": [] }, { "key": [] }] });
    let document = json!({
        "openapi": "3.0.1", "paths": { "/": { "get": operation, "put": { "security": 5 } } },
        "components": { "securitySchemes": { "key": { "type": "apiKey", "name": "x-api-key", "in": "header" } } },
    });
    let document = common::parse(&document.to_string());
    let protections = document.operations.iter().map(|one| &one.protection);
    assert_eq!(
        protections.collect::<Vec<_>>(),
        [&Protection::Unknown, &Protection::Unknown]
    );
    let problems = document.problems.iter().map(ToString::to_string);
    let expected = [
        "#/paths/~1/get/security/0: the security scheme `missing` is not defined",
        "#/paths/~1/put/security: expected a list",
    ];
    assert_eq!(problems.collect::<Vec<_>>(), expected);
}
