//! Runs the authorizer inside AWS Lambda: settings from the environment, one JSON log line per decision.

use std::process::ExitCode;

use authorizer::{
    Answer, Authorizer, Decision, DynamoSessions, EventFormat, Fetch, Reason, Settings,
};
use lambda_common::{StartError, setting, start_answering_by_errors};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use time::Timestamp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // API Gateway answers 401 only to an error, so errors are ordinary answers here.
    start_answering_by_errors(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    const SETTINGS: &str = "AUTHORIZER_SETTINGS";
    let settings = setting(SETTINGS, "JSON with `issuers` and `routes`")?;
    let settings =
        Settings::read(&settings).map_err(|error| StartError::refused(SETTINGS, error))?;
    let documents = Fetch::new().map_err(|error| StartError::Client(format!("TLS: {error}")))?;
    let sessions = match settings.sessions_table() {
        Some(table) => Some(DynamoSessions::new(table).await),
        None => None,
    };
    let authorizer = &Authorizer::with_sessions(settings, documents, sessions);
    // Lambda grants more processor time during the start than afterwards.
    authorizer.prefetch(Timestamp::now()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let decision = authorizer.decide(&event.payload, Timestamp::now()).await;
        log(&decision, &event);
        answer(decision)
    }))
    .await
    .map_err(StartError::Runtime)
}

/// The request id of the gateway refers to the access log, that of Lambda to the platform's own lines. Nothing else of
/// the event is logged, because it contains the token.
fn log(decision: &Decision, event: &LambdaEvent<Value>) {
    tracing::info!(
        decision = match (&decision.answer, decision.refusal) {
            (Answer::Failed, _) => "failed",
            (Answer::Unauthorized, _) => "unauthorized",
            (Answer::Body(_), Some(_)) => "deny",
            (Answer::Body(_), None) => "allow",
        },
        reason = decision.refusal.map(Reason::code),
        event = decision.format.map(EventFormat::code),
        route = decision.route,
        issuer = decision.issuer,
        sub = decision.subject,
        request_id = event.payload["requestContext"]["requestId"].as_str(),
        lambda_request_id = event.context.request_id,
        "decided"
    );
}

fn answer(decision: Decision) -> Result<Value, Diagnostic> {
    let error = |kind: &str, message: &str| Diagnostic {
        error_type: kind.to_owned(),
        error_message: message.to_owned(),
    };
    match decision.answer {
        Answer::Body(body) => Ok(body),
        // API Gateway compares this message exactly.
        Answer::Unauthorized => Err(error("Unauthorized", "Unauthorized")),
        Answer::Failed => Err(error("Undecided", "the token could not be checked")),
    }
}
