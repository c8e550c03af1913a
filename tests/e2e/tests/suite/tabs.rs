//! Several tabs of one browser, and What the other tests assume about them.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::{Capability, NetworkConditions};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

const STORED: &str = "return [localStorage.getItem('probe'), sessionStorage.getItem('probe')];";

async fn stored(fixture: &Fixture) -> Result<Value> {
    fixture.browser.evaluate(STORED, Vec::new()).await
}

#[test]
fn tabs_share_local_storage_and_only_a_duplicate_copies_session_storage() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().with_interface(),
        async |fixture| {
            fixture.open("/").await?;
            let first = fixture.browser.tab().await?;
            let store = "localStorage.setItem('probe', 'l'); sessionStorage.setItem('probe', 's');";
            fixture.browser.evaluate(store, Vec::new()).await?;
            let second = fixture.browser.open_tab(&fixture.site.url("/")).await?;
            ensure!(stored(fixture).await? == json!(["l", null]), "a new tab");
            fixture.browser.switch_to(&first).await?;
            let copy = fixture
                .browser
                .duplicate_tab(&fixture.site.url("/"))
                .await?;
            ensure!(copy != first && copy != second, "{copy:?}");
            ensure!(stored(fixture).await? == json!(["l", "s"]), "a copy");
            let say = "console.error('said by a copy');";
            fixture.browser.evaluate(say, Vec::new()).await?;
            ensure!(fixture.browser.tabs().await?.len() == 3, "not three tabs");
            fixture.browser.close_tab(&second).await?;
            ensure!(fixture.browser.tab().await? == second, "not the second");
            let console = fixture.browser.console().await?.join("\n");
            ensure!(
                console.contains("said by a copy"),
                "the console has no messages of closed tabs: {console}"
            );
            Ok(())
        },
    )
}

#[test]
fn the_current_tab_is_visible_and_resumes_a_frozen_page() -> TestResult {
    const OBSERVE: &str = "
        window.events = [];
        for (const name of ['visibilitychange', 'freeze', 'resume']) {
            document.addEventListener(name, () => events.push(`${name} ${document.visibilityState}`));
        }";
    browser_test(
        test_name!(),
        Setup::default()
            .with_interface()
            .needs(Capability::FrozenPages),
        async |fixture| {
            let check = async |expected: Value| -> Result<()> {
                eventually("the events", async || {
                    let found = fixture
                        .browser
                        .evaluate("return window.events;", Vec::new())
                        .await?;
                    ensure!(found == expected, "expected {expected}, found {found}");
                    Ok(Some(()))
                })
                .await?;
                fixture
                    .browser
                    .evaluate("window.events = [];", Vec::new())
                    .await?;
                Ok(())
            };
            fixture.open("/").await?;
            fixture.browser.evaluate(OBSERVE, Vec::new()).await?;
            let first = fixture.browser.tab().await?;
            let second = fixture.browser.open_tab(&fixture.site.url("/")).await?;
            fixture.browser.evaluate(OBSERVE, Vec::new()).await?;
            fixture.browser.switch_to(&first).await?;
            let there_and_back = json!(["visibilitychange hidden", "visibilitychange visible"]);
            check(there_and_back.clone()).await?;
            fixture.browser.freeze().await?;
            check(json!(["visibilitychange hidden", "freeze hidden"])).await?;
            fixture.browser.switch_to(&second).await?;
            check(there_and_back).await?;
            fixture.browser.switch_to(&first).await?;
            check(json!(["resume hidden", "visibilitychange visible"])).await
        },
    )
}

#[test]
fn each_tab_has_its_own_clock_and_network() -> TestResult {
    const HOUR: i64 = 60 * 60;
    browser_test(
        test_name!(),
        Setup::default()
            .with_interface()
            .needs(Capability::TabConditions),
        async |fixture| {
            // The page's clock compared with the `Date` header, which no script changes.
            let hours = async || {
                let ask = "
                const done = arguments[0];
                fetch('/config.json').then(
                    answer => done([Date.now(), new Date().getTime(), Date.parse(Date())].map(
                        now => Math.round((now - Date.parse(answer.headers.get('date'))) / 3600000))),
                    () => done('offline'));";
                let client = fixture.browser.client();
                anyhow::Ok(client.execute_async(ask, Vec::new()).await?)
            };
            let check = async |expected: Value| -> Result<()> {
                let found = hours().await?;
                ensure!(found == expected, "expected {expected}, found {found}");
                Ok(())
            };
            fixture.open("/").await?;
            let first = fixture.browser.tab().await?;
            fixture.browser.set_clock(5 * HOUR).await?;
            check(json!([5, 5, 5])).await?;
            fixture.browser.client().refresh().await?;
            check(json!([5, 5, 5])).await?;
            fixture.browser.set_clock(-2 * HOUR).await?;
            check(json!([-2, -2, -2])).await?;
            fixture.open("/").await?;
            check(json!([-2, -2, -2])).await?;
            fixture
                .browser
                .set_network(NetworkConditions::Offline)
                .await?;
            check(json!("offline")).await?;
            fixture.browser.open_tab(&fixture.site.url("/")).await?;
            check(json!([0, 0, 0])).await?;
            fixture.browser.switch_to(&first).await?;
            fixture
                .browser
                .set_network(NetworkConditions::Normal)
                .await?;
            check(json!([-2, -2, -2])).await
        },
    )
}
