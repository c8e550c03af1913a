//! Runs the demo API inside AWS Lambda: settings from the environment, one JSON log line per request.

use std::process::ExitCode;

use lambda_common::{StartError, allowed_origin, answer_requests, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    let allowed_origin = &allowed_origin()?;
    answer_requests(async |request| Ok(demo_api::respond(request, allowed_origin))).await
}
