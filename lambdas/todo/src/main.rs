//! Runs the to-do list inside AWS Lambda.

use std::process::ExitCode;
use std::time::Duration;

use lambda_cloud::cloud_config;
use lambda_common::{StartError, allowed_origin, answer_requests, setting, start};
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
    answer_requests(async |request| {
        let id = TodoId::new(Timestamp::now(), getrandom::u64()?);
        Ok(todo::respond(request, todos, id, allowed_origin).await)
    })
    .await
}
