//! Runs `GET /me` inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_common::{StartError, allowed_origin, route, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use users::{DynamoTable, cloud_config};

const READ_WITHIN: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let allowed_origin = &allowed_origin()?;
    let name = setting("USERS_TABLE", "the name of the table of users")?;
    let table = &DynamoTable::new(&cloud_config(READ_WITHIN).await, name);
    let handle = async |event: LambdaEvent<ApiGatewayProxyRequest>| {
        let request = event.payload;
        let response = me::respond(&request, table, allowed_origin).await;
        tracing::info!(
            route = route(&request),
            status = response.status_code,
            request_id = request.request_context.request_id.as_deref(),
            lambda_request_id = event.context.request_id,
            "answered"
        );
        Ok::<_, Error>(response)
    };
    lambda_runtime::run(service_fn(handle))
        .await
        .map_err(StartError::Runtime)
}
