//! The demo API as a pure function: an API Gateway proxy request in, a proxy response out.
//!
//! API Gateway has already checked the API key and, on the protected routes, the signature and the
//! role's permission, or the token. The answer says whom it identified. `main.rs` connects the parts.

mod bearer;

pub use bearer::Bearer;
pub use lambda_common::{AllowedOrigin, AllowedOriginError, Caller, route};

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::header::ALLOW;
use aws_lambda_events::http::{HeaderValue, Method, StatusCode};
use lambda_common::{answer, refusal};
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
        ("/require-token" | "/require-request", &Method::GET) => {
            (StatusCode::OK, for_bearer(request))
        }
        ("/no-auth" | "/require-auth" | "/require-token" | "/require-request", _) => (
            StatusCode::METHOD_NOT_ALLOWED,
            refusal("Method Not Allowed"),
        ),
        _ => (StatusCode::NOT_FOUND, refusal("Not Found")),
    };

    let mut headers = allowed_origin.headers();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET"));
    }
    answer(status, headers, &body)
}

fn protected(request: &ApiGatewayProxyRequest) -> Value {
    json!({
        "message": "You're past the velvet rope!",
        "caller": Caller::from(request),
    })
}

fn for_bearer(request: &ApiGatewayProxyRequest) -> Value {
    json!({
        "message": "You're past the velvet rope!",
        "caller": Bearer::from(&request.request_context.authorizer),
    })
}
