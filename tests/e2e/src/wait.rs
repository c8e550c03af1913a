//! Waiting for a condition, with a deadline.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::{Instant, sleep};

/// Default timeout of a condition on a page. Generous, because a loaded machine is not a failure of the site.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// Timeout for starting a browser or a provider. It says nothing about the site, and a loaded machine may be
/// slow.
pub const STARTUP_TIMEOUT: Duration = Duration::from_secs(90);
/// The pause after the first attempt. Each later one is half as long again, up to [`LONGEST_PAUSE`]: commands cost the browser time,
/// too, and what takes long is not needed to the millisecond.
const FIRST_PAUSE: Duration = Duration::from_millis(40);
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

/// Polls until `attempt` returns a value, for at most [`TIMEOUT`].
///
/// # Errors
/// When the timeout passes; with the last error, if an attempt failed.
pub async fn eventually<T>(
    what: &str,
    attempt: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    eventually_within(TIMEOUT, what, attempt).await
}

/// Polls until `attempt` returns a value, for at most `timeout`. A failed attempt, for example on an element that has
/// just left the page, counts as "not yet".
///
/// # Errors
/// When the timeout passes; with the last error, if an attempt failed.
pub async fn eventually_within<T>(
    timeout: Duration,
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        let outcome = attempt().await;
        match outcome {
            Ok(Some(found)) => return Ok(found),
            Ok(None) | Err(_) if Instant::now() < deadline => {
                sleep(pause).await;
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
            Ok(None) => return Err(anyhow!("waited {} s for {what}", timeout.as_secs())),
            Err(error) => {
                return Err(error.context(format!("waited {} s for {what}", timeout.as_secs())));
            }
        }
    }
}
