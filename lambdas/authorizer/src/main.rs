//! Runs the authorizer inside AWS Lambda: settings from the environment, one JSON log line a decision.

use std::env;
use std::process::ExitCode;
use std::time::SystemTime;

use authorizer::{
    Answer, Authorizer, Decision, DynamoSessions, Fetch, Settings, SettingsError, Timestamp,
};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Why the function cannot start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("AUTHORIZER_SETTINGS is not set: expected JSON with `issuers` and `routes`")]
    SettingsMissing,
    #[error("AUTHORIZER_SETTINGS: {0}")]
    SettingsRefused(#[from] SettingsError),
    #[error("no TLS: {0}")]
    Tls(String),
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(Error),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start_log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "cannot run");
            ExitCode::FAILURE
        }
    }
}

/// JSON lines of what matters. The runtime would add a line about every answer that is an error, and 401
/// is one.
fn start_log() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false);
    let what_matters = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    tracing_subscriber::registry()
        .with(lines.with_filter(what_matters))
        .init();
}

async fn run() -> Result<(), StartError> {
    let settings = env::var("AUTHORIZER_SETTINGS").map_err(|_| StartError::SettingsMissing)?;
    let settings = Settings::read(&settings)?;
    let documents = Fetch::new().map_err(|error| StartError::Tls(error.to_string()))?;
    let sessions = match settings.sessions_table() {
        Some(table) => Some(DynamoSessions::new(table).await),
        None => None,
    };
    let authorizer = &Authorizer::with_sessions(settings, documents, sessions);
    // While a function starts, Lambda gives it more of the processor than it will have afterwards.
    authorizer.prefetch(now()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let decision = authorizer.decide(&event.payload, now()).await;
        log(&decision, &event);
        answer(decision)
    }))
    .await
    .map_err(StartError::Runtime)
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// The gateway's request id leads to the access log, Lambda's to the platform's own lines. Nothing else
/// of the event is logged: it holds the token.
fn log(decision: &Decision, event: &LambdaEvent<Value>) {
    tracing::info!(
        decision = match (&decision.answer, decision.refusal) {
            (Answer::Failed, _) => "failed",
            (Answer::Unauthorized, _) => "unauthorized",
            (Answer::Body(_), Some(_)) => "deny",
            (Answer::Body(_), None) => "allow",
        },
        reason = decision.refusal.map(authorizer::Reason::code),
        event = decision.shape.map(authorizer::Shape::code),
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
        // API Gateway compares the message letter by letter.
        Answer::Unauthorized => Err(error("Unauthorized", "Unauthorized")),
        Answer::Failed => Err(error("Undecided", "nothing could be decided")),
    }
}
