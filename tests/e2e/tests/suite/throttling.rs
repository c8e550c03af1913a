//! The usage plan's burst, exhausted for real.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use velvet_rope_e2e::here;
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// How many calls go out at once beside those of the page: each takes what the plan gives before the page can.
const CALLERS: usize = 8;
/// How often the page may be lucky. The plan's own limits end the flood's luck long before.
const ATTEMPTS: usize = 20;

/// Calls the open route past the browser.
async fn call(stage: &Stage, client: &Client) -> Result<StatusCode> {
    let api = stage.cloud.config["api"]["base_url"]
        .as_str()
        .context("no api.base_url")?;
    let key = stage.cloud.config["api"]["key"]
        .as_str()
        .context("no api.key")?;
    let (host, stage_path) = api
        .trim_start_matches("http://")
        .split_once('/')
        .context("no stage")?;
    // Not every machine knows names below localhost, so the address is MiniStack's and the name is a header.
    let request = Request::get(format!("{}/{stage_path}/no-auth", stage.cloud.cloud_url))
        .header("host", host)
        .header("x-api-key", key)
        .body(Full::<Bytes>::default())?;
    Ok(client.send(request).await?.status())
}

/// Calls until somebody stops polling it.
async fn flood(stage: &Stage) -> Result<()> {
    let client = Client::default();
    loop {
        futures::future::try_join_all((0..CALLERS).map(|_| call(stage, &client))).await?;
    }
}

async fn call_until_throttled(stage: &Stage) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let outcome = stage.home().open_route().call().await?;
        if outcome.status.as_deref() == Some("429 Too Many Requests") {
            let notice = outcome.notice.context("expected a notice")?;
            ensure!(notice.title == "Too many calls at once", "{notice:?}");
            notice.offers(&["Try again"])?;
            return Ok(());
        }
        outcome.ok()?;
    }
    bail!("the usage plan let {ATTEMPTS} calls of the page through beside the flood")
}

#[test]
fn more_calls_than_the_usage_plan_allows_are_asked_to_wait() -> Verdict {
    play(here!(), Setup::direct(), async |stage| {
        stage.open("/").await?;
        tokio::select! {
            throttled = call_until_throttled(stage) => throttled?,
            Err(error) = flood(stage) => return Err(error.context("the flood dried up")),
        }
        for _ in 0..ATTEMPTS {
            let outcome = stage.home().open_route().call().await?;
            if outcome.notice.is_none() {
                outcome.ok()?;
                return Ok(());
            }
        }
        bail!("the usage plan did not recover")
    })
}
