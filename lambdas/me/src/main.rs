//! Runs `GET /me` inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use lambda_common::{StartError, allowed_origin, answer_requests, setting, start};
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
    answer_requests(async |request| Ok(me::respond(request, table, allowed_origin).await)).await
}
