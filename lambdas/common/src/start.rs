//! Starting a function: the log, the settings, the requests of API Gateway, the exit code.

use std::fmt;
use std::process::ExitCode;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::AllowedOrigin;
use crate::answer::route;
use crate::log::{RuntimeErrors, log_to_stdout};
use crate::setting::{SettingMissing, setting};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An environment variable is not set.
    #[error(transparent)]
    SettingMissing(#[from] SettingMissing),
    /// An environment variable has a value that cannot be used.
    #[error("{name}: {problem}")]
    SettingRefused {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Lambda's runtime API failed.
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(Error),
    /// A client that the function needs could not be made.
    #[error("{0}")]
    Client(String),
}

impl StartError {
    /// The environment variable `name` has a value that cannot be used.
    pub fn refused(name: &'static str, problem: impl fmt::Display) -> Self {
        Self::SettingRefused {
            name,
            problem: problem.to_string(),
        }
    }
}

/// Runs a function with its log on standard output, and logs why it ended.
///
/// # Panics
///
/// When the process already has a log.
pub async fn start(run: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    start_with(RuntimeErrors::Logged, run).await
}

/// The same for a function that answers by errors: the runtime does not log them.
///
/// # Panics
///
/// When the process already has a log.
pub async fn start_answering_by_errors(
    run: impl Future<Output = Result<(), StartError>>,
) -> ExitCode {
    start_with(RuntimeErrors::Omitted, run).await
}

async fn start_with(
    runtime_errors: RuntimeErrors,
    run: impl Future<Output = Result<(), StartError>>,
) -> ExitCode {
    log_to_stdout(runtime_errors);
    match run.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "cannot run");
            ExitCode::FAILURE
        }
    }
}

/// Answers the requests of API Gateway until Lambda stops the function, and logs each answer.
///
/// The gateway's request id leads to the access log, Lambda's to the platform's own lines. Nothing else is logged: headers,
/// query and body carry keys, signatures, tokens and personal data.
///
/// # Errors
/// When Lambda's runtime API fails.
pub async fn answer_requests<F>(respond: F) -> Result<(), StartError>
where
    F: AsyncFn(&ApiGatewayProxyRequest) -> Result<ApiGatewayProxyResponse, Error>,
{
    let respond = &respond;
    let handle = async move |event: LambdaEvent<ApiGatewayProxyRequest>| {
        let request = event.payload;
        let response = respond(&request).await?;
        tracing::info!(
            route = route(&request),
            method = request.http_method.as_str(),
            status = response.status_code,
            request_id = request.request_context.request_id.as_deref(),
            lambda_request_id = event.context.request_id,
            "answered"
        );
        Ok::<_, Error>(response)
    };
    lambda_runtime::run(service_fn(handle))
        .await
        .map_err(StartError::Runtime)
}

/// The origin whose pages may read the answers, from `ALLOWED_ORIGIN`.
///
/// # Errors
/// When it is not set or not an origin.
pub fn allowed_origin() -> Result<AllowedOrigin, StartError> {
    const NAME: &str = "ALLOWED_ORIGIN";
    let origin = setting(NAME, "the site's origin, such as https://example.org")?;
    origin
        .parse()
        .map_err(|error| StartError::refused(NAME, error))
}
