//! What differs between browser engines: pages that come back out of the back/forward cache, pages that end without a word,
//! addresses that a user types in the middle of a sign-in, and container tabs.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// Notes whether the page came back out of the back/forward cache.
const OBSERVE_RETURN: &str = "
    window.cameBack = false;
    addEventListener('pageshow', event => { window.cameBack ||= event.persisted; });";

/// Notes the names of all events that the page listens to.
const OBSERVE_LISTENERS: &str = "
    window.listened = new Set();
    const original = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (name, ...rest) {
        window.listened.add(name);
        return original.call(this, name, ...rest);
    };";

async fn has_come_back(fixture: &Fixture) -> Result<bool> {
    let script = "return window.cameBack ?? false;";
    let came_back = fixture.browser.evaluate(script, Vec::new()).await?;
    Ok(came_back == Value::Bool(true))
}

#[test]
fn a_page_that_comes_back_has_the_session_that_another_tab_started_meanwhile() -> TestResult {
    let setup = Setup::with_provider(Settings::default()).with_interface();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.browser.add_init_script(OBSERVE_RETURN).await?;
        fixture.open("/").await?;
        fixture.header().wait_for_guest().await?;
        fixture.open("/nowhere").await?;
        fixture.not_found().heading().element().await?;
        let first = fixture.browser.tab().await?;

        fixture.browser.open_tab(&fixture.site.url("/")).await?;
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().wait_for_user(ALICE).await?;

        fixture.browser.switch_to(&first).await?;
        fixture.browser.client().back().await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.home().user_id(ALICE).await?;
        Ok(())
    })
}

#[test]
fn a_page_that_comes_back_after_a_sign_out_in_another_tab_shows_a_guest() -> TestResult {
    let setup = Setup::with_provider(Settings::default()).with_interface();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.browser.add_init_script(OBSERVE_RETURN).await?;
        fixture.sign_in_alice().await?;
        let first = fixture.browser.tab().await?;
        fixture.browser.open_tab(&fixture.site.url("/")).await?;
        fixture.header().wait_for_user(ALICE).await?;
        let second = fixture.browser.tab().await?;

        fixture.browser.switch_to(&first).await?;
        // A page without the app.
        fixture.open("/icon.svg").await?;

        fixture.browser.switch_to(&second).await?;
        fixture.header().start_sign_out(ALICE).await?;
        fixture.signed_out().heading().element().await?;

        fixture.browser.switch_to(&first).await?;
        fixture.browser.client().back().await?;
        fixture.header().wait_for_guest().await?;
        fixture.home().wait_for_guest().await
    })
}

#[test]
fn the_app_does_not_rely_on_events_of_leaving_a_page() -> TestResult {
    // Phones end pages in the background without them, and listeners keep a page out of the back/forward cache.
    const UNRELIABLE: [&str; 3] = ["unload", "beforeunload", "pagehide"];
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.browser.add_init_script(OBSERVE_LISTENERS).await?;
        fixture.sign_in().await?;
        fixture.home().protected_route().call().await?.ok()?;
        let script = "return [...window.listened];";
        let listened = fixture.browser.evaluate(script, Vec::new()).await?;
        let listened: Vec<String> = serde_json::from_value(listened)?;
        for name in UNRELIABLE {
            ensure!(!listened.iter().any(|known| known == name), "{listened:?}");
        }
        for name in ["pageshow", "visibilitychange"] {
            ensure!(listened.iter().any(|known| known == name), "{listened:?}");
        }
        Ok(())
    })
}

#[test]
fn an_address_typed_during_a_sign_in_leaves_a_page_that_can_sign_in() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.header().start_sign_in().await?;
        fixture.open("/somewhere").await?;
        fixture.header().wait_for_guest().await?;
        fixture.sign_in_from_here().await?;
        fixture
            .browser
            .wait_for_url(&fixture.site.url("/somewhere"))
            .await?;
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
            "{:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn an_address_typed_while_the_code_is_on_its_way_sends_the_code_once() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .proxy
            .inject(RequestKind::USER_POOL_TOKEN, Fault::Hold);
        fixture.sign_in_until_callback().await?;
        fixture
            .proxy
            .wait_for(1, RequestKind::USER_POOL_TOKEN)
            .await?;
        fixture.open("/").await?;
        fixture.header().wait_for_guest().await?;
        fixture.proxy.clear_faults();
        fixture.browser.client().refresh().await?;
        fixture.header().wait_for_guest().await?;
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
            "the code was sent again"
        );
        fixture.sign_in_from_here().await
    })
}

#[test]
fn a_guest_page_comes_back_out_of_the_cache() -> TestResult {
    let setup = Setup::default().needs(Capability::BackForwardCache);
    browser_test(test_name!(), setup, async |fixture| {
        fixture.browser.add_init_script(OBSERVE_RETURN).await?;
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        fixture.open("/icon.svg").await?;
        fixture.browser.client().back().await?;
        fixture.header().wait_for_guest().await?;
        eventually("the page out of the cache", async || {
            Ok(has_come_back(fixture).await?.then_some(()))
        })
        .await
    })
}

#[test]
fn strict_tracking_protection_changes_nothing() -> TestResult {
    fn in_memory(config: &mut Value) {
        config["session"] = json!({ "storage": "memory" });
    }
    let setup = Setup::with_provider(Settings::default().on_another_site())
        .config(in_memory)
        .strict_tracking_protection();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.sign_in_alice().await?;
        // In memory mode a reload signs in silently at the provider, which is of another site.
        fixture.browser.client().refresh().await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.browser.open_tab(&fixture.site.url("/")).await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.home().open_route().call().await?.ok()?;
        ensure!(
            fixture.provider()?.proxy.count(RequestKind::CODE) == 2,
            "{:#?}",
            fixture.provider()?.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn a_container_tab_has_a_session_of_its_own() -> TestResult {
    let setup = Setup::with_provider(Settings::default()).needs(Capability::ContainerTabs);
    browser_test(test_name!(), setup, async |fixture| {
        fixture.sign_in_alice().await?;
        let first = fixture.browser.tab().await?;
        let address = fixture.site.url("/");
        let container = fixture.browser.open_container_tab(&address).await?;
        fixture.header().wait_for_guest().await?;
        fixture.sign_in_at_provider("bob").await?;
        fixture.header().wait_for_user("Bob").await?;

        fixture.browser.switch_to(&first).await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.header().start_sign_out(ALICE).await?;
        fixture.signed_out().heading().element().await?;
        fixture.browser.switch_to(&container).await?;
        fixture.browser.client().refresh().await?;
        fixture.header().wait_for_user("Bob").await
    })
}
