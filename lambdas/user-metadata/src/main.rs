//! Runs `/user-metadata` inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_common::{StartError, route, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use time::Timestamp;
use users::{SnsTopic, cloud_config};

const TIMEOUT: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let name: &str = &setting("TOPIC_NAME", "the name by which callers know the topic")?;
    let arn = setting("TOPIC_ARN", "the ARN of the topic of sign-ups")?;
    let topic = &SnsTopic::new(&cloud_config(TIMEOUT).await, arn);
    let handle = async |event: LambdaEvent<ApiGatewayProxyRequest>| {
        let request = event.payload;
        let response = user_metadata::respond(&request, name, topic, Timestamp::now()).await;
        // Query and body contain personal data and are not logged.
        tracing::info!(
            route = route(&request),
            method = request.http_method.as_str(),
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
