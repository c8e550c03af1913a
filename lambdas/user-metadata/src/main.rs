//! Runs `/user-metadata` inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use lambda_common::{StartError, answer_requests, setting, start};
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
    answer_requests(async |request| {
        Ok(user_metadata::respond(request, name, topic, Timestamp::now()).await)
    })
    .await
}
