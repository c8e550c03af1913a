//! Several tabs of one browser, and what the other scenarios take for granted about them.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Conditions;
use velvet_rope_e2e::here;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};
use velvet_rope_e2e::wait::eventually;

const STORED: &str = "return [localStorage.getItem('probe'), sessionStorage.getItem('probe')];";

async fn stored(stage: &Stage) -> Result<Value> {
    stage.browser.run(STORED, Vec::new()).await
}

#[test]
fn tabs_share_local_storage_and_only_a_copy_has_the_session_storage_too() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        let first = stage.browser.tab().await?;
        let store = "localStorage.setItem('probe', 'l'); sessionStorage.setItem('probe', 's');";
        stage.browser.run(store, Vec::new()).await?;
        let second = stage.browser.open_tab(&stage.site.url("/")).await?;
        ensure!(stored(stage).await? == json!(["l", null]), "a new tab");
        stage.browser.switch_to(&first).await?;
        let copy = stage.browser.open_copy(&stage.site.url("/")).await?;
        ensure!(copy != first && copy != second, "{copy:?}");
        ensure!(stored(stage).await? == json!(["l", "s"]), "a copy");
        let say = "console.error('said by a copy');";
        stage.browser.run(say, Vec::new()).await?;
        ensure!(stage.browser.tabs().await?.len() == 3, "not three tabs");
        stage.browser.close_tab(&second).await?;
        ensure!(stage.browser.tab().await? == second, "not the second");
        let console = stage.browser.console().await?.join("\n");
        ensure!(
            console.contains("said by a copy"),
            "the console keeps quiet about tabs that are gone: {console}"
        );
        Ok(())
    })
}

#[test]
fn the_tab_at_hand_is_the_visible_one_and_a_frozen_page_goes_on_in_it() -> Verdict {
    const WATCH: &str = "
        window.events = [];
        for (const name of ['visibilitychange', 'freeze', 'resume']) {
            document.addEventListener(name, () => events.push(`${name} ${document.visibilityState}`));
        }";
    play(here!(), Setup::default(), async |stage| {
        let check = async |expected: Value| -> Result<()> {
            eventually("the events", async || {
                let found = stage
                    .browser
                    .run("return window.events;", Vec::new())
                    .await?;
                ensure!(found == expected, "expected {expected}, found {found}");
                Ok(Some(()))
            })
            .await?;
            stage.browser.run("window.events = [];", Vec::new()).await?;
            Ok(())
        };
        stage.open("/").await?;
        stage.browser.run(WATCH, Vec::new()).await?;
        let first = stage.browser.tab().await?;
        let second = stage.browser.open_tab(&stage.site.url("/")).await?;
        stage.browser.run(WATCH, Vec::new()).await?;
        stage.browser.switch_to(&first).await?;
        let there_and_back = json!(["visibilitychange hidden", "visibilitychange visible"]);
        check(there_and_back.clone()).await?;
        stage.browser.freeze().await?;
        check(json!(["visibilitychange hidden", "freeze hidden"])).await?;
        stage.browser.switch_to(&second).await?;
        check(there_and_back).await?;
        stage.browser.switch_to(&first).await?;
        check(json!(["resume hidden", "visibilitychange visible"])).await
    })
}

#[test]
fn each_tab_has_a_clock_and_a_network_of_its_own() -> Verdict {
    const HOUR: i64 = 60 * 60;
    play(here!(), Setup::default(), async |stage| {
        // The page's clock against the one that a header tells, which no script sets.
        let hours = async || {
            let ask = "
                const done = arguments[0];
                fetch('/config.json').then(
                    answer => done([Date.now(), new Date().getTime(), Date.parse(Date())].map(
                        now => Math.round((now - Date.parse(answer.headers.get('date'))) / 3600000))),
                    () => done('offline'));";
            let client = stage.browser.client();
            anyhow::Ok(client.execute_async(ask, Vec::new()).await?)
        };
        let check = async |expected: Value| -> Result<()> {
            let found = hours().await?;
            ensure!(found == expected, "expected {expected}, found {found}");
            Ok(())
        };
        stage.open("/").await?;
        let first = stage.browser.tab().await?;
        stage.browser.set_clock(5 * HOUR).await?;
        check(json!([5, 5, 5])).await?;
        stage.browser.client().refresh().await?;
        check(json!([5, 5, 5])).await?;
        stage.browser.set_clock(-2 * HOUR).await?;
        check(json!([-2, -2, -2])).await?;
        stage.open("/").await?;
        check(json!([-2, -2, -2])).await?;
        stage.browser.set_network(Conditions::Offline).await?;
        check(json!("offline")).await?;
        stage.browser.open_tab(&stage.site.url("/")).await?;
        check(json!([0, 0, 0])).await?;
        stage.browser.switch_to(&first).await?;
        stage.browser.set_network(Conditions::Usual).await?;
        check(json!([-2, -2, -2])).await
    })
}
