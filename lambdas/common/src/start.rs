//! Starting a function: the log, the settings, the exit code.

use std::fmt;
use std::process::ExitCode;

use lambda_runtime::Error;

use crate::AllowedOrigin;
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
