//! Runs the worker inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_common::{StartError, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use users::{DynamoTable, cloud_config};

/// Well within the function's own limit: a batch that is cut off would report nothing and come again
/// as a whole.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let name = setting("USERS_TABLE", "the name of the table of users")?;
    let table = &DynamoTable::new(&cloud_config(WRITTEN_WITHIN).await, name);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(users_worker::work(&event.payload, table).await)
    }))
    .await
    .map_err(StartError::Runtime)
}
