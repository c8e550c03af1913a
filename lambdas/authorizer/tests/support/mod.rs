//! Claims of tokens, and the events that carry the tokens.

#![allow(
    dead_code,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test binary takes what it needs"
)]

pub(crate) mod server;

pub(crate) use lambda_testing::{NOW, Signer, later, now};
use serde_json::{Value, json};

pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/latest";
pub(crate) const CLIENT: &str = "1example23456789abcdefghij";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
/// A user pool; its documents are read at another address.
pub(crate) const COGNITO: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub(crate) const ACCOUNTS: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";
pub(crate) const AUTH0: &str = "https://example.eu.auth0.com/";

/// The claims of an access token of Cognito.
pub(crate) fn cognito_claims() -> Value {
    json!({
        "iss": COGNITO, "sub": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "client_id": CLIENT,
        "token_use": "access", "version": 2, "username": "demouser", "scope": "openid email",
        "auth_time": NOW - 10, "iat": NOW - 10, "exp": NOW + 3600
    })
}

/// The claims of an access token of Auth0.
pub(crate) fn auth0_claims() -> Value {
    json!({
        "iss": AUTH0, "sub": "auth0|6161", "aud": [AUDIENCE, "https://example.eu.auth0.com/userinfo"],
        "azp": "abc", "scope": "openid profile email orders:read", "email": "user@example.com",
        "iat": NOW - 10, "exp": NOW + 86400
    })
}

/// The claims `base` with one of them changed.
pub(crate) fn with(mut base: Value, name: &str, value: Value) -> Value {
    base[name] = value;
    base
}

/// The routes of the tests with their scopes.
pub(crate) fn routes() -> Value {
    json!([
        { "method": "GET", "path": "/require-token", "scopes": "openid" },
        { "method": "GET", "path": "/require-request", "scopes": "openid email" },
        { "method": "GET", "path": "/orders", "scopes": "orders:read" }
    ])
}

pub(crate) fn token_event(path: &str, header: &str) -> Value {
    json!({
        "type": "TOKEN", "authorizationToken": header, "methodArn": format!("{STAGE}/GET{path}")
    })
}

pub(crate) fn request_event(path: &str, header: Option<&str>) -> Value {
    let (headers, multi) = match header {
        Some(value) => (
            json!({ "Authorization": value, "x-api-key": "key" }),
            json!({ "Authorization": [value], "x-api-key": ["key"] }),
        ),
        None => (
            json!({ "x-api-key": "key" }),
            json!({ "x-api-key": ["key"] }),
        ),
    };
    json!({
        "type": "REQUEST", "methodArn": format!("{STAGE}/GET{path}"), "resource": path, "path": path,
        "httpMethod": "GET", "headers": headers, "multiValueHeaders": multi,
        "queryStringParameters": {}, "pathParameters": {}, "stageVariables": {},
        "requestContext": {
            "path": format!("/latest{path}"), "accountId": "111122223333", "resourceId": "abc123",
            "stage": "latest", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": { "apiKey": "key", "sourceIp": "203.0.113.7" },
            "resourcePath": path, "httpMethod": "GET", "apiId": "a1b2c3d4e5"
        }
    })
}

pub(crate) fn http_api_event(path: &str, header: Option<&str>) -> Value {
    let mut headers = json!({ "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com" });
    if let Some(value) = header {
        headers["authorization"] = json!(value);
    }
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/GET{path}"),
        "identitySource": [header], "routeKey": format!("GET {path}"), "rawPath": path,
        "rawQueryString": "", "headers": headers,
        "requestContext": {
            "accountId": "111122223333", "apiId": "a1b2c3d4e5", "stage": "latest",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7" },
            "requestId": "c6af9ac6", "routeKey": format!("GET {path}"), "timeEpoch": 1
        }
    })
}
