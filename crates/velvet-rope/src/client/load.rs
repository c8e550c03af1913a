//! Loads the configuration.
//!
//! It is loaded at run time and not compiled in, so that one build serves every environment (`docs/configuration.md`).

use thiserror::Error;

use crate::browser::fetch::site_file;
#[cfg(feature = "split")]
use crate::browser::page::handed_over;
use crate::browser::support::missing_apis;
use crate::config::{Config, ConfigError, parse};
use crate::http::TransportError;
use crate::later::PartUnavailable;

/// The path of the configuration on this site.
const CONFIG_PATH: &str = "/config.json";

/// Why there is no configuration.
///
/// The texts of `Display` are for developers and contain no value of the file except in [`LoadError::Invalid`]. All
/// settings in the file are public.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The browser lacks APIs that are needed to load anything; their names.
    #[error("this browser has no {}", .0.join(", "))]
    Unsupported(Vec<&'static str>),
    /// The site has no such file.
    /// Also for status 403, which S3 returns for a missing file, and for an HTML page, which a host of a single-page
    /// app returns for every unknown path.
    #[error("there is no config.json")]
    Missing,
    /// The site did not answer.
    /// A reload may help.
    #[error("config.json could not be loaded: {0}")]
    Unreachable(#[from] TransportError),
    /// The site answered with an error status.
    #[error("config.json could not be loaded: status {0}")]
    Status(u16),
    /// The file is not a valid configuration.
    #[error("config.json is not valid: {0}")]
    Invalid(#[from] ConfigError),
    /// The part of the app could not be loaded that finds out what is wrong with the file.
    /// A reload may help.
    #[error(transparent)]
    PartUnavailable(#[from] PartUnavailable),
}

/// Loads and checks `/config.json`.
///
/// # Errors
/// [`LoadError`], with all mistakes of an invalid file.
///
/// - [`LoadError::Unsupported`] before a request is sent, if the browser lacks an API.
/// - [`LoadError::Missing`] or [`LoadError::Status`] by the status of the answer.
/// - [`LoadError::Unreachable`] if there is no answer.
/// - [`LoadError::Invalid`] if the file is no configuration.
/// - [`LoadError::PartUnavailable`] if it could not be read, and why cannot be found out now.
///
/// # Examples
///
/// ```no_run
/// use velvet_rope::{ConfigError, LoadError, load_config};
///
/// async fn explain() -> Option<String> {
///     match load_config().await {
///         Ok(_) => None,
///         Err(LoadError::Invalid(ConfigError::Mistakes(mistakes))) => {
///             let keys = mistakes.into_iter().map(|mistake| mistake.key);
///             Some(keys.collect::<Vec<_>>().join(", "))
///         }
///         Err(error) => Some(error.to_string()),
///     }
/// }
/// ```
pub async fn load_config() -> Result<Config, LoadError> {
    #[cfg(feature = "split")]
    {
        if missing_apis().is_empty()
            && let Some(text) = handed_over().await
            && let Some(config) = crate::config::quick::parse(&text)
        {
            return Ok(config);
        }
        super::parts::load_config().await?
    }
    #[cfg(not(feature = "split"))]
    load().await
}

/// Loads the configuration, and describes what is wrong with it.
pub(super) async fn load() -> Result<Config, LoadError> {
    let missing = missing_apis();
    if !missing.is_empty() {
        return Err(LoadError::Unsupported(missing));
    }
    let response = site_file(CONFIG_PATH).await?;
    // Servers of single-page apps answer an unknown path with index.html and status 200.
    let is_page = response.text().trim_start().starts_with('<');
    match response.status {
        404 | 403 => Err(LoadError::Missing),
        200..300 if is_page => Err(LoadError::Missing),
        200..300 => Ok(parse(&response.text())?),
        status => Err(LoadError::Status(status)),
    }
}
