//! Asking an OpenID provider where its endpoints are, as the page does.

use anyhow::{Context as _, Result};
use hosting_rules::Destinations;
use tokio::process::Command;

use crate::{http_probe, process};

/// Adds to `destinations` the hosts that the discovery document at `address` names.
///
/// # Errors
/// When there is no document, or the page could not use it.
pub(crate) async fn discover(address: &str, destinations: &mut Destinations) -> Result<()> {
    let (status, body) = get(address).await.with_context(|| {
        format!("the provider does not say where its endpoints are ({address})")
    })?;
    Ok(destinations.add_discovered(status, &body)?)
}

async fn get(address: &str) -> Result<(u16, String)> {
    if address.starts_with("http://") {
        let (status, body) = http_probe::get(address).await?;
        return Ok((status.as_u16(), body));
    }
    process::find_program("curl").context("it takes curl to ask, and there is none on PATH")?;
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--fail",
        "--proto",
        "=https",
        "--max-time",
        "20",
        "--",
        address,
    ]);
    Ok((200, process::output(command).await?))
}
