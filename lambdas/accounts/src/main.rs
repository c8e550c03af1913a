//! Runs the accounts inside AWS Lambda: settings from the environment, one JSON log line per request.

use std::process::ExitCode;
use std::time::Duration;

use accounts::{Accounts, DynamoTables, Entropy, KmsKey, Settings, TokenKind, respond};
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_cloud::cloud_config;
use lambda_common::{StartError, route, setting, start};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use time::Timestamp;

const TIMEOUT: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start(Box::pin(run())).await
}

async fn run() -> Result<(), StartError> {
    const SETTINGS: &str = "ACCOUNTS_SETTINGS";
    let settings = setting(
        SETTINGS,
        "JSON with `allowed_origin`, tables, `scope` and `tokens`",
    )?;
    let settings =
        Settings::read(&settings).map_err(|error| StartError::refused(SETTINGS, error))?;
    let config = cloud_config(TIMEOUT).await;
    let (sessions, key_id) = match &settings.tokens {
        TokenKind::Session(session) => (session.table.as_str(), ""),
        TokenKind::Jwt(jwt) => ("", jwt.key_id.as_str()),
    };
    let tables = DynamoTables::new(
        &config,
        &settings.accounts_table,
        &settings.attempts_table,
        sessions,
    );
    let key = KmsKey::new(&config, key_id.to_owned());
    let accounts = &Accounts::new(settings, tables, key);
    let handle = async |event: LambdaEvent<ApiGatewayProxyRequest>| {
        let request = event.payload;
        let reply = respond(accounts, &request, entropy()?, Timestamp::now()).await;
        // Headers and body contain passwords and tokens, and the name is personal data: none of them is logged.
        tracing::info!(
            decision = reply.decision.code(),
            tokens = accounts.token_kind().code(),
            sub = reply.subject,
            route = route(&request),
            status = reply.response.status_code,
            request_id = request.request_context.request_id.as_deref(),
            lambda_request_id = event.context.request_id,
            "answered"
        );
        Ok::<_, Error>(reply.response)
    };
    lambda_runtime::run(service_fn(handle))
        .await
        .map_err(StartError::Runtime)
}

fn entropy() -> Result<Entropy, getrandom::Error> {
    let mut bytes = [0; Entropy::BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(Entropy(bytes))
}
