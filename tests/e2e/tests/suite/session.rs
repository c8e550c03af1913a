//! The session across page loads, and its callback.

use anyhow::{Result, ensure};
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::RequestKind;
use velvet_rope_e2e::test_name;

/// Records the label of every button that the header shows.
const OBSERVE_HEADER: &str = "
    window.headerLabels = [];
    new MutationObserver(() => {
        for (const button of document.querySelectorAll('nav button')) { window.headerLabels.push(button.innerText.trim()); }
    }).observe(document, { childList: true, subtree: true, characterData: true });";

async fn header_labels(fixture: &Fixture) -> Result<Vec<String>> {
    Ok(serde_json::from_value(
        fixture
            .browser
            .evaluate("return window.headerLabels;", Vec::new())
            .await?,
    )?)
}

#[test]
fn a_reload_keeps_the_session_and_asks_the_cloud_nothing() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let user_id = fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        let loads = fixture.site.count("/config.json");
        fixture.proxy.clear_requests();
        fixture.browser.client().refresh().await?;
        fixture
            .header()
            .wait_for_user(&fixture.environment.demo_user)
            .await?;
        ensure!(
            fixture
                .home()
                .user_id(&fixture.environment.demo_user)
                .await?
                == user_id,
            "another user after the reload"
        );
        ensure!(
            fixture.proxy.requests().is_empty(),
            "sent: {:?}",
            fixture.proxy.requests()
        );
        ensure!(
            fixture.site.count("/config.json")
                == loads + fixture.browser.engine().loads_of_a_preload(),
            "config.json was not loaded exactly once"
        );
        fixture.home().protected_route().call().await?.ok()?;
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 0,
            "the tokens were fetched anew"
        );
        Ok(())
    })
}

#[test]
fn the_header_never_shows_a_guest_while_a_user_is_signed_in() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.browser.add_init_script(OBSERVE_HEADER).await?;
        fixture.open("/").await?;
        fixture.header().wait_for_guest().await?;
        let labels = header_labels(fixture).await?;
        ensure!(
            labels.iter().any(|label| label == "Sign in"),
            "the observer saw nothing: {labels:?}"
        );
        fixture.sign_in_from_here().await?;
        for moment in ["after the sign-in", "after a reload"] {
            let labels = header_labels(fixture).await?;
            ensure!(
                labels.contains(&fixture.environment.demo_user),
                "{moment} the observer saw only {labels:?}"
            );
            ensure!(
                !labels.iter().any(|label| label == "Sign in"),
                "{moment} the header flashed: {labels:?}"
            );
            fixture.browser.client().refresh().await?;
            fixture
                .header()
                .wait_for_user(&fixture.environment.demo_user)
                .await?;
        }
        Ok(())
    })
}

#[test]
fn neither_reload_nor_back_nor_forward_handles_a_callback_twice() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::BackAcrossOrigins),
        async |fixture| {
            fixture.sign_in().await?;
            fixture.browser.client().refresh().await?;
            fixture
                .header()
                .wait_for_user(&fixture.environment.demo_user)
                .await?;
            fixture.browser.client().back().await?;
            fixture.hosted_ui().wait().await?;
            fixture.browser.client().forward().await?;
            fixture
                .header()
                .wait_for_user(&fixture.environment.demo_user)
                .await?;
            ensure!(
                fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
                "{:?}",
                fixture.proxy.requests()
            );
            Ok(())
        },
    )
}

#[test]
fn a_callback_address_opened_again_neither_sends_its_code_nor_ends_the_session() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.header().start_sign_in().await?;
        let address = fixture
            .hosted_ui()
            .callback_address(
                &fixture.environment.demo_user,
                &fixture.environment.demo_password,
            )
            .await?;
        fixture.browser.open(address.as_str()).await?;
        fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        fixture.browser.open(address.as_str()).await?;
        fixture
            .callback()
            .notice("This sign-in was not started here")
            .await?;
        fixture
            .header()
            .wait_for_user(&fixture.environment.demo_user)
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
fn the_callback_address_without_an_answer_leads_to_the_start_page() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/authenticated").await?;
        fixture.home().wait_for_guest().await?;
        fixture.browser.wait_for_url(&fixture.site.url("/")).await
    })
}
