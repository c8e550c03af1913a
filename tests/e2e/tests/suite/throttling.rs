//! Exceeding the burst of the usage plan.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::test_name;

/// Number of concurrent calls besides those of the page.
const CALLERS: usize = 8;
/// Attempts of the page until one must be throttled.
const ATTEMPTS: usize = 20;

/// Calls the open route outside the browser.
async fn call(fixture: &Fixture, client: &Client) -> Result<StatusCode> {
    let api = fixture.environment.config["api"]["base_url"]
        .as_str()
        .context("no api.base_url")?;
    let key = fixture.environment.config["api"]["key"]
        .as_str()
        .context("no api.key")?;
    let (host, stage_path) = api
        .trim_start_matches("http://")
        .split_once('/')
        .context("no API stage")?;
    // Not every machine resolves names below localhost, so the request goes to MiniStack's address with a `Host` header.
    let request = Request::get(format!(
        "{}/{stage_path}/no-auth",
        fixture.environment.cloud_url
    ))
    .header("host", host)
    .header("x-api-key", key)
    .body(Full::<Bytes>::default())?;
    Ok(client.send(request).await?.status())
}

/// Calls until the future is dropped.
async fn flood(fixture: &Fixture) -> Result<()> {
    let client = Client::default();
    loop {
        futures::future::try_join_all((0..CALLERS).map(|_| call(fixture, &client))).await?;
    }
}

async fn call_until_throttled(fixture: &Fixture) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let outcome = fixture.home().open_route().call().await?;
        if outcome.status.as_deref() == Some("429 Too Many Requests") {
            let notice = outcome.notice.context("expected a notice")?;
            ensure!(notice.title == "Too many calls at once", "{notice:?}");
            notice.has_buttons(&["Try again"])?;
            return Ok(());
        }
        outcome.ok()?;
    }
    bail!("the usage plan let {ATTEMPTS} calls of the page through beside the flood")
}

#[test]
fn calls_beyond_the_usage_plan_are_throttled() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        fixture.open("/").await?;
        tokio::select! {
            throttled = call_until_throttled(fixture) => throttled?,
            Err(error) = flood(fixture) => return Err(error.context("the flood failed")),
        }
        for _ in 0..ATTEMPTS {
            let outcome = fixture.home().open_route().call().await?;
            if outcome.notice.is_none() {
                outcome.ok()?;
                return Ok(());
            }
        }
        bail!("the usage plan did not recover")
    })
}
