//! Runs the worker inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_common::{StartError, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use users::{DynamoTable, cloud_config};

/// Well below the function's own limit: Lambda repeats a batch that times out as a whole.
const TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let name = setting("USERS_TABLE", "the name of the table of users")?;
    let table = &DynamoTable::new(&cloud_config(TIMEOUT).await, name);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(users_worker::work(&event.payload, table).await)
    }))
    .await
    .map_err(StartError::Runtime)
}
