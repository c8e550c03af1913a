//! Runs the demo API inside AWS Lambda: settings from the environment, one JSON log line per request.

use std::process::ExitCode;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use demo_api::{AllowedOrigin, route};
use lambda_common::{StartError, allowed_origin, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let allowed_origin = &allowed_origin()?;
    lambda_runtime::run(service_fn(async |event| {
        Ok::<_, Error>(handle(event, allowed_origin))
    }))
    .await
    .map_err(StartError::Runtime)
}

fn handle(
    event: LambdaEvent<ApiGatewayProxyRequest>,
    allowed_origin: &AllowedOrigin,
) -> ApiGatewayProxyResponse {
    let request = event.payload;
    let context = &request.request_context;
    let response = demo_api::respond(&request, allowed_origin);
    // The gateway's request id leads to the access log, Lambda's to the platform's own lines.
    // Nothing else is logged: headers carry the API key, signatures and session tokens.
    tracing::info!(
        route = route(&request),
        method = request.http_method.as_str(),
        status = response.status_code,
        request_id = context.request_id.as_deref(),
        lambda_request_id = event.context.request_id,
        "answered"
    );
    response
}
