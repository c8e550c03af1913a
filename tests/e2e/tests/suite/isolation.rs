//! What scenarios that use the same browser must not notice of each other.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::{Browser, Pool, SharedBrowser};
use velvet_rope_e2e::environment::Environment;
use velvet_rope_e2e::fixture::{TestResult, cloud_test};
use velvet_rope_e2e::site::{CspMode, Site, SiteConfig};
use velvet_rope_e2e::test_name;

/// A file that browsers keep for a year.
const CACHED: &str = "
    const file = document.querySelector('link[rel=stylesheet]').href;
    return fetch(file).then(() => new URL(file).pathname);";

/// What the scenario before left, and something for the next one to find.
const FIND_AND_LEAVE: &str = "
    const found = [localStorage.getItem('left'), sessionStorage.getItem('left'), document.cookie];
    localStorage.setItem('left', 'x');
    sessionStorage.setItem('left', 'x');
    document.cookie = 'left=x';
    return found;";

#[test]
fn a_scenario_finds_nothing_of_the_one_before_in_the_same_browser() -> TestResult {
    cloud_test(
        test_name!(),
        Duration::from_mins(2),
        None,
        async |environment| {
            let pool = Pool::of_this_process()?;
            let mut browser = pool
                .take(&environment.browser, false, environment.site_port)
                .await?;
            for _ in 0..2 {
                browser = scenario(environment, browser).await?;
            }
            pool.give_back(browser);
            Ok(())
        },
    )
}

async fn scenario(environment: &Environment, shared: SharedBrowser) -> Result<SharedBrowser> {
    let site = Site::start(
        environment.site_port,
        shared.site_listener()?,
        &environment.dist,
        SiteConfig::Json(environment.config.clone()),
        CspMode::AsHosted,
        None,
    )?;
    let browser = Browser::share(shared).await?;
    ensure!(browser.tabs().await?.len() == 1, "there are other tabs");
    browser.open(&site.url("/")).await?;
    let found = browser.evaluate(FIND_AND_LEAVE, Vec::new()).await?;
    ensure!(found == json!([null, null, ""]), "found {found}");
    let file = browser.evaluate(CACHED, Vec::new()).await?;
    let file = file.as_str().context("the page has no style sheet")?;
    let count = site.count(file);
    ensure!(count == 1, "{file} was requested {count} times");
    browser.open_tab(&site.url("/")).await?;
    let found = browser.evaluate(FIND_AND_LEAVE, Vec::new()).await?;
    ensure!(
        found == json!(["x", null, "left=x"]),
        "the tabs of a scenario share nothing: {found}"
    );
    let shared = browser.close().await?;
    site.stop().await;
    shared.context("the browser is not for the next scenario")
}
