//! What the tests of the functions share. No function links this crate.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::allow_attributes,
    reason = "a test fails by panicking"
)]

mod signer;

pub use signer::Signer;

use aws_lambda_events::{
    apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse},
    encodings::Body,
};
use serde_json::{Value, json};
use time::{SignedDuration, Timestamp};

/// The time of the tests, in Unix seconds.
pub const NOW: i64 = 1_700_000_000;

/// The time of the tests.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_seconds(NOW).expect("a valid time")
}

/// So many seconds after [`now`]; before it if negative.
#[must_use]
pub fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::seconds(seconds)
}

/// A request to a function behind a REST API, as API Gateway sends it (payload format 1.0): no query, no body, one
/// header with the API key.
#[must_use]
pub fn proxy_event(method: &str, resource: &str) -> Value {
    json!({
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": { "x-api-key": "a-key" },
        "multiValueHeaders": { "x-api-key": ["a-key"] },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": resource,
            "httpMethod": method,
            "path": format!("/latest{resource}"),
            "accountId": "111122223333",
            "protocol": "HTTP/1.1",
            "stage": "latest",
            "requestTimeEpoch": 1_700_000_000_000_u64,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": { "sourceIp": "203.0.113.7", "userAgent": "test" },
            "apiId": "a1b2c3d4e5",
        },
        "body": null,
        "isBase64Encoded": false,
    })
}

/// The event as the function gets it.
#[must_use]
pub fn proxy_request(event: Value) -> ApiGatewayProxyRequest {
    serde_json::from_value(event).expect("an event of API Gateway")
}

/// The JSON body of an answer.
#[must_use]
pub fn json_body(response: &ApiGatewayProxyResponse) -> Value {
    match &response.body {
        Some(Body::Text(text)) => serde_json::from_str(text).expect("a JSON body"),
        other => panic!("expected a text body, got {other:?}"),
    }
}
