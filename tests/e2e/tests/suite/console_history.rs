//! What the API console keeps while the tab shows another page.

use anyhow::{Result, ensure};
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::RequestKind;
use velvet_rope_e2e::test_name;

const ANSWER: &str = "You're past the velvet rope!";

/// Leaves the page and comes back by links, so that the page is not loaded again.
async fn leave(fixture: &Fixture) -> Result<()> {
    fixture
        .browser
        .get_by_role(Role::Link, "Velvet Rope")
        .click()
        .await?;
    fixture.home().heading().element().await?;
    Ok(())
}

async fn come_back(fixture: &Fixture) -> Result<()> {
    fixture
        .browser
        .get_by_role(Role::Link, "Console")
        .click()
        .await?;
    fixture.console().heading().element().await?;
    Ok(())
}

async fn call(fixture: &Fixture) -> Result<()> {
    let console = fixture.console();
    console.choose("GET /require-auth").await?;
    console.send_and_wait("200").await
}

#[test]
fn the_history_and_the_document_are_there_after_a_visit_of_another_page() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().with_interface(),
        async |fixture| {
            fixture.sign_in().await?;
            come_back(fixture).await?;
            let console = fixture.console();
            console
                .paste_document("{\"openapi\":\"3.0.1\",\"paths\":{\"/other\":{\"get\":{}}}}")
                .await?;
            console.wait_for_text(".import", "1 operation").await?;
            call(fixture).await?;
            leave(fixture).await?;
            come_back(fixture).await?;
            console.wait_for_text(".history summary", "(1)").await?;
            console.wait_for_text(".json-tree", ANSWER).await?;
            console.wait_for_text(".import", "1 operation").await?;
            ensure!(
                fixture.proxy.count(RequestKind::PROTECTED_ROUTE) == 1,
                "the request was sent again"
            );
            // Answers are in memory only.
            let script = "return JSON.stringify([{ ...sessionStorage }, { ...localStorage }]);";
            let stored = fixture.browser.evaluate(script, Vec::new()).await?;
            ensure!(!stored.to_string().contains("past the velvet"), "{stored}");
            call(fixture).await?;
            console.wait_for_text(".history summary", "(2)").await?;
            fixture.browser.client().refresh().await?;
            console.heading().element().await?;
            console.find(".operation").await?;
            ensure!(
                console.history_length().await? == 0,
                "a reload kept answers"
            );
            Ok(())
        },
    )
}

#[test]
fn a_sign_out_in_another_tab_clears_the_history_although_another_page_is_shown() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().with_interface(),
        async |fixture| {
            fixture.sign_in().await?;
            come_back(fixture).await?;
            call(fixture).await?;
            leave(fixture).await?;
            let first = fixture.browser.tab().await?;
            fixture.browser.open_tab(&fixture.site.url("/")).await?;
            let user = &fixture.environment.demo_user;
            fixture.header().wait_for_user(user).await?;
            fixture.header().start_sign_out(user).await?;
            fixture.signed_out().heading().element().await?;
            fixture.browser.switch_to(&first).await?;
            fixture.header().wait_for_guest().await?;
            come_back(fixture).await?;
            fixture.console().find(".operation").await?;
            let page = fixture.console().text("body").await?.unwrap_or_default();
            ensure!(!page.contains(ANSWER), "the answer of the user is shown");
            ensure!(
                fixture.console().history_length().await? == 0,
                "the history of the user is there"
            );
            Ok(())
        },
    )
}
