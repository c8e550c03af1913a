//! Starting: what every function does around its own work.

use std::fmt;
use std::process::ExitCode;

use lambda_runtime::Error;

use crate::setting::{SettingMissing, setting};
use crate::{AllowedOrigin, log_to_stdout};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An environment variable is not set.
    #[error(transparent)]
    SettingMissing(#[from] SettingMissing),
    /// An environment variable does not say what it should.
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
}

impl StartError {
    /// The environment variable `name` does not say what it should.
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
    log_to_stdout();
    match run.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "cannot run");
            ExitCode::FAILURE
        }
    }
}

/// The origin whose pages may read the answers, out of `ALLOWED_ORIGIN`.
///
/// # Errors
/// When it is not set or no origin.
pub fn allowed_origin() -> Result<AllowedOrigin, StartError> {
    const NAME: &str = "ALLOWED_ORIGIN";
    let origin = setting(NAME, "the site's origin, such as https://example.org")?;
    origin
        .parse()
        .map_err(|error| StartError::refused(NAME, error))
}
