//! Runs the trigger inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use lambda_common::{StartError, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use post_confirmation::{Outcome, publish, user_id};
use serde_json::Value;
use time::Timestamp;
use users::{SnsTopic, cloud_config};

/// Cognito waits 5 seconds, of which the start of the function takes a part.
const TIMEOUT: Duration = Duration::from_millis(3500);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let arn = setting("TOPIC_ARN", "the ARN of the topic of sign-ups")?;
    let topic = &SnsTopic::new(&cloud_config(TIMEOUT).await, arn);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<_, Error>(handle(event.payload, topic).await)
    }))
    .await
    .map_err(StartError::Runtime)
}

/// Cognito expects the event as the answer, whatever the result.
async fn handle(event: Value, topic: &SnsTopic) -> Value {
    let outcome = publish(&event, topic, Timestamp::now()).await;
    let user_id = user_id(&event);
    match outcome {
        Ok(Outcome::Published(message_id)) => tracing::info!(user_id, message_id, "published"),
        Ok(Outcome::NoSignUp) => tracing::info!(user_id, "no sign-up"),
        // The template has a metric of these lines, and an alarm for the metric.
        Err(failure) => tracing::error!(user_id, %failure, "sign-up lost"),
    }
    event
}
