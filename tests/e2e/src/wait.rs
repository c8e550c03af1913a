//! Waiting for a condition, with a deadline.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::{Instant, sleep};

/// How long anything on a page may take. Long, because a loaded machine is no failure of the site.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// How long a program that a scenario stands on may take to start. It says nothing about the site, and a machine may
/// stand still for a while.
pub const STARTUP_TIMEOUT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(40);

/// Tries until there is something, for at most [`TIMEOUT`].
///
/// # Errors
/// When there is nothing by then, with the last error, if trying failed.
pub async fn eventually<T>(
    what: &str,
    attempt: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    eventually_within(TIMEOUT, what, attempt).await
}

/// Tries until there is something, for at most `timeout`. An attempt that fails, as on an element that has
/// just left the page, is an attempt that found nothing.
///
/// # Errors
/// When there is nothing by then, with the last error, if trying failed.
pub async fn eventually_within<T>(
    timeout: Duration,
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + timeout;
    loop {
        let outcome = attempt().await;
        match outcome {
            Ok(Some(found)) => return Ok(found),
            Ok(None) | Err(_) if Instant::now() < deadline => sleep(POLL).await,
            Ok(None) => return Err(anyhow!("waited {} s for {what}", timeout.as_secs())),
            Err(error) => {
                return Err(error.context(format!("waited {} s for {what}", timeout.as_secs())));
            }
        }
    }
}
