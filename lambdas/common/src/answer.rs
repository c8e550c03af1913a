//! Answers to API Gateway in the proxy format, payload 1.0.

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use aws_lambda_events::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// An answer of `body` as JSON that no cache may keep, with `headers` besides.
#[must_use]
pub fn answer(status: StatusCode, mut headers: HeaderMap, body: &Value) -> ApiGatewayProxyResponse {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    response.body = Some(Body::Text(body.to_string()));
    response
}

/// A refusal in the shape of the gateway's own: `{"message": …}`.
#[must_use]
pub fn refusal(message: &str) -> Value {
    json!({ "message": message })
}

/// The route as declared in API Gateway, or the request's path where it declares none.
///
/// The declared route comes first because a custom domain's base path is part of the path.
#[must_use]
pub fn route(request: &ApiGatewayProxyRequest) -> &str {
    request
        .resource
        .as_deref()
        .or(request.path.as_deref())
        .unwrap_or_default()
}
