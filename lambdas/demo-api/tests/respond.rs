//! The demo routes with events as API Gateway sends them (payload format 1.0).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use demo_api::{AllowedOrigin, respond};
use lambda_testing::{json_body, proxy_event, proxy_request};
use serde_json::{Value, json};

const ORIGIN: &str = "https://example.org";

/// A request with this identity.
fn event(method: &str, resource: &str, identity: &Value) -> Value {
    let mut event = proxy_event(method, resource);
    event["headers"]["x-amz-security-token"] = json!("SESSION");
    event["headers"]["x-api-key"] = json!("a-key-that-is-public-anyway");
    event["requestContext"]["identity"] = identity.clone();
    event
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

fn anonymous() -> Value {
    json!({ "sourceIp": "203.0.113.7", "userAgent": "test" })
}

fn ask(method: &str, resource: &str, identity: &Value) -> ApiGatewayProxyResponse {
    let request = proxy_request(event(method, resource, identity));
    respond(&request, &ORIGIN.parse::<AllowedOrigin>().unwrap())
}

fn header<'a>(response: &'a ApiGatewayProxyResponse, name: &str) -> Option<&'a str> {
    response
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[test]
fn the_open_route_is_open_for_all() {
    let response = ask("GET", "/no-auth", &anonymous());
    assert_eq!(response.status_code, 200);
    assert_eq!(json_body(&response), json!({ "message": "Open for All!" }));
}

#[test]
fn the_protected_route_names_the_caller_that_the_gateway_saw() {
    let response = ask("GET", "/require-auth", &identity_pool_session());
    assert_eq!(response.status_code, 200);
    assert_eq!(
        json_body(&response),
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
    let response = ask("GET", "/require-auth", &anonymous());
    let unknown = json!({ "identity_id": null, "user_sub": null, "role": null });
    assert_eq!(json_body(&response)["caller"], unknown);
}

#[test]
fn the_bearer_routes_name_the_bearer_that_the_authorizer_saw() {
    for resource in ["/require-token", "/require-request"] {
        let mut event = event("GET", resource, &anonymous());
        event["requestContext"]["authorizer"] = json!({
            "principalId": "0a1b2c3d-4e5f", "scope": "openid email",
            "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
            "integrationLatency": 12
        });
        let request = proxy_request(event);
        let response = respond(&request, &ORIGIN.parse::<AllowedOrigin>().unwrap());
        assert_eq!(response.status_code, 200);
        assert_eq!(
            json_body(&response)["caller"],
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
        let response = ask(method, resource, &anonymous());
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
        let response = ask("GET", resource, &anonymous());
        assert_eq!(response.status_code, 404, "{resource}");
        assert_eq!(json_body(&response), json!({ "message": "Not Found" }));
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
            assert_eq!(
                json_body(&response),
                json!({ "message": "Method Not Allowed" })
            );
            assert_eq!(header(&response, "allow"), Some("GET"));
        }
    }
}

#[test]
fn the_declared_route_counts_even_below_a_custom_domains_base_path() {
    let mut event = event("GET", "/no-auth", &anonymous());
    event["path"] = json!("/v1/no-auth");
    let request = proxy_request(event);
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
