//! The demo API as a pure function: an API Gateway proxy request in, a proxy response out.
//!
//! API Gateway has already checked the API key and, on the protected route, the signature and the
//! role's permission. What is left is to say who it saw. `main.rs` does the wiring.

mod caller;
mod cors;

pub use caller::Caller;
pub use cors::{AllowedOrigin, AllowedOriginError};

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use aws_lambda_events::http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

/// Answers one request, for readers at `allowed_origin`.
///
/// ```
/// use aws_lambda_events::apigw::ApiGatewayProxyRequest;
///
/// let origin = "https://example.org".parse::<demo_api::AllowedOrigin>()?;
/// let mut request = ApiGatewayProxyRequest::default();
/// request.resource = Some("/no-auth".to_owned());
///
/// let response = demo_api::respond(&request, &origin);
/// assert_eq!(response.status_code, 200);
/// # Ok::<(), demo_api::AllowedOriginError>(())
/// ```
#[must_use]
pub fn respond(
    request: &ApiGatewayProxyRequest,
    allowed_origin: &AllowedOrigin,
) -> ApiGatewayProxyResponse {
    let (status, body) = match (route(request), &request.http_method) {
        ("/no-auth", &Method::GET) => (StatusCode::OK, json!({ "message": "Open for All!" })),
        ("/require-auth", &Method::GET) => (StatusCode::OK, protected(request)),
        ("/no-auth" | "/require-auth", _) => (
            StatusCode::METHOD_NOT_ALLOWED,
            refusal("Method Not Allowed"),
        ),
        _ => (StatusCode::NOT_FOUND, refusal("Not Found")),
    };

    let mut headers = allowed_origin.headers();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // The protected answer names its caller, so no cache on the way may keep it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response(status, headers, &body)
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

fn protected(request: &ApiGatewayProxyRequest) -> Value {
    json!({
        "message": "You're past the velvet rope!",
        "caller": Caller::from(&request.request_context.identity),
    })
}

/// A refusal in the shape of the gateway's own: `{"message": …}`.
fn refusal(message: &str) -> Value {
    json!({ "message": message })
}

fn response(status: StatusCode, headers: HeaderMap, body: &Value) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    response.body = Some(Body::Text(body.to_string()));
    response
}
