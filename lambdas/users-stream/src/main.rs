//! Runs inside AWS Lambda and logs one line for each change of a user.

use std::process::ExitCode;

use aws_lambda_events::dynamodb::Event;
use lambda_common::{StartError, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use users_stream::Change;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(async {
        lambda_runtime::run(service_fn(handle))
            .await
            .map_err(StartError::Runtime)
    })
    .await
}

async fn handle(event: LambdaEvent<Event>) -> Result<(), Error> {
    for record in &event.payload.records {
        match Change::read(record) {
            Ok(Change { kind, user_id }) => {
                tracing::info!(event_id = record.event_id, user_id, change = %kind, "user changed");
            }
            // A failure would only repeat the batch, with the same result.
            Err(error) => {
                tracing::error!(event_id = record.event_id, %error, "cannot read the event");
            }
        }
    }
    Ok(())
}
