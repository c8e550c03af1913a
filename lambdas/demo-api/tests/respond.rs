//! The two demo routes, asked with events in the shape API Gateway sends (payload format 1.0).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use demo_api::{AllowedOrigin, respond};
use serde_json::{Value, json};

const ORIGIN: &str = "https://example.org";

/// What API Gateway sends, with the caller that AWS shows for an identity-pool session.
fn event(method: &str, resource: &str, identity: &Value) -> Value {
    json!({
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": { "x-api-key": "a-key-that-is-public-anyway", "x-amz-security-token": "SESSION" },
        "multiValueHeaders": { "x-api-key": ["a-key-that-is-public-anyway"] },
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
            "identity": identity,
            "apiId": "a1b2c3d4e5"
        },
        "body": null,
        "isBase64Encoded": false
    })
}

fn identity_pool_session() -> Value {
    let provider = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
    json!({
        "cognitoIdentityPoolId": "eu-west-1:00000000-1111-2222-3333-444444444444",
        "accountId": "111122223333",
        "cognitoIdentityId": "eu-west-1:55555555-6666-7777-8888-999999999999",
        "caller": "AROAEXAMPLE:CognitoIdentityCredentials",
        "sourceIp": "203.0.113.7",
        "accessKey": "ASIAEXAMPLE",
        "cognitoAuthenticationType": "authenticated",
        "cognitoAuthenticationProvider": format!("{provider},{provider}:CognitoSignIn:0a1b2c3d-4e5f"),
        "userArn": "arn:aws:sts::111122223333:assumed-role/demo-AuthenticatedRole-X1/CognitoIdentityCredentials",
        "userAgent": "test",
        "user": "AROAEXAMPLE:CognitoIdentityCredentials",
        "apiKey": null,
        "apiKeyId": null,
        "clientCert": null
    })
}

fn nobody() -> Value {
    json!({ "sourceIp": "203.0.113.7", "userAgent": "test" })
}

fn ask(method: &str, resource: &str, identity: &Value) -> ApiGatewayProxyResponse {
    let request: ApiGatewayProxyRequest =
        serde_json::from_value(event(method, resource, identity)).unwrap();
    respond(&request, &ORIGIN.parse::<AllowedOrigin>().unwrap())
}

fn body(response: &ApiGatewayProxyResponse) -> Value {
    match &response.body {
        Some(Body::Text(text)) => serde_json::from_str(text).unwrap(),
        other => panic!("expected a text body, got {other:?}"),
    }
}

fn header<'a>(response: &'a ApiGatewayProxyResponse, name: &str) -> Option<&'a str> {
    response
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[test]
fn the_open_route_is_open_for_all() {
    let response = ask("GET", "/no-auth", &nobody());
    assert_eq!(response.status_code, 200);
    assert_eq!(body(&response), json!({ "message": "Open for All!" }));
}

#[test]
fn the_protected_route_names_the_caller_that_the_gateway_saw() {
    let response = ask("GET", "/require-auth", &identity_pool_session());
    assert_eq!(response.status_code, 200);
    assert_eq!(
        body(&response),
        json!({
            "message": "You're past the velvet rope!",
            "caller": {
                "identity_id": "eu-west-1:55555555-6666-7777-8888-999999999999",
                "user_sub": "0a1b2c3d-4e5f",
                "role": "demo-AuthenticatedRole-X1"
            }
        })
    );
}

#[test]
fn what_the_gateway_does_not_say_about_the_caller_is_null() {
    let response = ask("GET", "/require-auth", &nobody());
    let nobody = json!({ "identity_id": null, "user_sub": null, "role": null });
    assert_eq!(body(&response)["caller"], nobody);
}

#[test]
fn the_bearer_routes_name_the_bearer_that_the_authorizer_saw() {
    for resource in ["/require-token", "/require-request"] {
        let mut event = event("GET", resource, &nobody());
        event["requestContext"]["authorizer"] = json!({
            "principalId": "0a1b2c3d-4e5f", "scope": "openid email",
            "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
            "integrationLatency": 12
        });
        let request: ApiGatewayProxyRequest = serde_json::from_value(event).unwrap();
        let response = respond(&request, &ORIGIN.parse::<AllowedOrigin>().unwrap());
        assert_eq!(response.status_code, 200);
        assert_eq!(
            body(&response)["caller"],
            json!({
                "sub": "0a1b2c3d-4e5f", "email": null, "scope": "openid email",
                "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
            })
        );
    }
}

#[test]
fn every_answer_is_json_that_the_site_may_read_and_no_cache_may_keep() {
    let calls = [
        ("GET", "/no-auth"),
        ("GET", "/require-auth"),
        ("GET", "/require-token"),
        ("PUT", "/no-auth"),
        ("GET", "/"),
    ];
    for (method, resource) in calls {
        let response = ask(method, resource, &nobody());
        let expected = [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("access-control-allow-origin", ORIGIN),
            (
                "access-control-expose-headers",
                "Date,x-amzn-errortype,x-amzn-requestid,retry-after",
            ),
            ("vary", "Origin"),
        ];
        for (name, value) in expected {
            assert_eq!(
                header(&response, name),
                Some(value),
                "{method} {resource}: {name}"
            );
        }
    }
}

#[test]
fn an_unknown_route_is_not_found() {
    for resource in ["/", "/no-auth/more", "/NO-AUTH", "/unknown"] {
        let response = ask("GET", resource, &nobody());
        assert_eq!(response.status_code, 404, "{resource}");
        assert_eq!(body(&response), json!({ "message": "Not Found" }));
    }
}

#[test]
fn another_method_is_refused_with_the_one_that_is_allowed() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD"] {
        for resource in [
            "/no-auth",
            "/require-auth",
            "/require-token",
            "/require-request",
        ] {
            let response = ask(method, resource, &identity_pool_session());
            assert_eq!(response.status_code, 405, "{method} {resource}");
            assert_eq!(body(&response), json!({ "message": "Method Not Allowed" }));
            assert_eq!(header(&response, "allow"), Some("GET"));
        }
    }
}

#[test]
fn the_declared_route_counts_even_below_a_custom_domains_base_path() {
    let mut event = event("GET", "/no-auth", &nobody());
    event["path"] = json!("/v1/no-auth");
    let request: ApiGatewayProxyRequest = serde_json::from_value(event).unwrap();
    assert_eq!(demo_api::route(&request), "/no-auth");
}

#[test]
fn no_answer_repeats_a_header_of_the_request() {
    let response = ask("GET", "/require-auth", &identity_pool_session());
    let wire = serde_json::to_string(&response).unwrap();
    for secret in ["SESSION", "a-key-that-is-public-anyway", "ASIAEXAMPLE"] {
        assert!(!wire.contains(secret), "{wire}");
    }
}
