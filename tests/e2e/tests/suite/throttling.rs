//! Exceeding the burst of the usage plan.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::json;
use url::Url;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

/// Number of concurrent calls besides those of the page.
const CALLERS: usize = 8;
/// Attempts of the page until one must be throttled.
const ATTEMPTS: usize = 20;

/// Calls each second and at once that the usage plan of this test allows. The plan of the system would throttle the
/// tests beside this one.
const LIMIT: u32 = 5;

/// The API with a new key.
struct Api {
    base_url: String,
    key: String,
}

impl Api {
    async fn with_new_key(fixture: &Fixture) -> Result<Self> {
        let base_url = fixture.config["api"]["base_url"].as_str();
        let base_url = base_url.context("no address of the API")?;
        let address = Url::parse(base_url)?;
        let host = address.host_str().unwrap_or_default();
        let id = host.split('.').next().unwrap_or_default();
        let stage = address.path().trim_matches('/');
        let aws = Aws::new(&fixture.environment);
        Ok(Self {
            base_url: base_url.to_owned(),
            key: aws.add_api_key(id, stage, LIMIT).await?,
        })
    }

    /// Calls the open route outside the browser.
    async fn call(&self, client: &Client) -> Result<StatusCode> {
        let request = Request::get(format!("{}/no-auth", self.base_url))
            .header("x-api-key", &self.key)
            .body(Full::<Bytes>::default())?;
        Ok(client.send(request).await?.status())
    }

    /// Calls until the future is dropped.
    async fn flood(&self) -> Result<()> {
        let client = Client::default();
        loop {
            let calls = (0..CALLERS).map(|_| self.call(&client));
            futures::future::try_join_all(calls).await?;
        }
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
        let api = Api::with_new_key(fixture).await?;
        let mut config = fixture.config.clone();
        config["api"]["key"] = json!(api.key);
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.open("/").await?;
        tokio::select! {
            throttled = call_until_throttled(fixture) => throttled?,
            Err(error) = api.flood() => return Err(error.context("the flood failed")),
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
