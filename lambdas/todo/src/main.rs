//! Runs the to-do list inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_cloud::cloud_config;
use lambda_common::{StartError, allowed_origin, route, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use time::Timestamp;
use todo::{DynamoTodos, TodoId};

const CALL_WITHIN: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let allowed_origin = &allowed_origin()?;
    let name = setting("TODOS_TABLE", "the name of the table of to-dos")?;
    let todos = &DynamoTodos::new(&cloud_config(CALL_WITHIN).await, name);
    let handle = async |event: LambdaEvent<ApiGatewayProxyRequest>| {
        let request = event.payload;
        let id = TodoId::new(Timestamp::now(), getrandom::u64()?);
        let response = todo::respond(&request, todos, id, allowed_origin).await;
        tracing::info!(
            route = route(&request),
            method = %request.http_method,
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
