//! Loading the configuration, before anything else exists.

use thiserror::Error;

use crate::browser::fetch::site_file;
use crate::config::{Config, ConfigError, parse};
use crate::http::TransportError;

/// Where the configuration lies on this site.
const CONFIG_PATH: &str = "/config.json";

/// Why there is no configuration to work with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The site has no such file.
    #[error("there is no config.json")]
    Missing,
    /// The site did not answer, or with an error.
    #[error("config.json could not be loaded: {0}")]
    Unreachable(#[from] TransportError),
    /// The site answered with an error of its own.
    #[error("config.json could not be loaded: status {0}")]
    Status(u16),
    /// The file is not a configuration.
    #[error("config.json is not valid: {0}")]
    Invalid(#[from] ConfigError),
}

/// Loads and checks `/config.json`.
///
/// # Errors
/// [`LoadError`] with everything that is wrong with it.
pub async fn load_config() -> Result<Config, LoadError> {
    let response = site_file(CONFIG_PATH).await?;
    // Servers of single-page apps answer an unknown path with index.html and status 200.
    let is_page = response.body.trim_start().starts_with('<');
    match response.status {
        404 | 403 => Err(LoadError::Missing),
        200..300 if is_page => Err(LoadError::Missing),
        200..300 => Ok(parse(&response.body)?),
        status => Err(LoadError::Status(status)),
    }
}
