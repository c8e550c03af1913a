//! What a guest can do.

use anyhow::ensure;
use serde_json::json;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;

#[test]
fn a_guest_calls_the_open_route() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        fixture.header().wait_for_guest().await?;
        let body = fixture.home().open_route().call().await?.ok()?;
        ensure!(body == json!({ "message": "Open for All!" }), "{body}");
        Ok(())
    })
}

#[test]
fn a_guest_cannot_call_the_protected_route_and_nothing_is_sent() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        let outcome = fixture.home().protected_route().call().await?;
        ensure!(
            outcome.status.is_none() && outcome.body.is_none(),
            "{outcome:?}"
        );
        let notice = outcome.notice.unwrap_or_default();
        ensure!(notice.title == "Sign in first", "{notice:?}");
        notice
            .contains_text("Nothing was sent")?
            .has_buttons(&["Sign in"])?;
        ensure!(
            fixture.proxy.requests().is_empty(),
            "sent: {:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn the_notice_at_the_protected_route_leads_to_the_sign_in_and_back() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        let card = fixture.home().protected_route();
        card.call_expecting_notice()
            .await?
            .has_buttons(&["Sign in"])?;
        card.answer()
            .get_by_role(Role::Button, "Sign in")
            .click()
            .await?;
        fixture.sign_in_at_hosted_ui().await?;
        fixture
            .header()
            .wait_for_user(&fixture.environment.demo_user)
            .await?;
        fixture.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn an_unknown_path_shows_the_not_found_page_with_a_link_to_the_start_page() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/nowhere").await?;
        fixture.not_found().heading().element().await?;
        fixture.not_found().main().wait_for_text("/nowhere").await?;
        fixture.not_found().start_page().click().await?;
        fixture.home().heading().element().await?;
        fixture.browser.wait_for_url(&fixture.site.url("/")).await?;
        ensure!(
            fixture.site.count("/config.json") == fixture.browser.engine().loads_of_a_preload(),
            "the link loaded the site anew"
        );
        fixture.browser.client().back().await?;
        fixture.not_found().heading().element().await?;
        fixture
            .browser
            .wait_for_url(&fixture.site.url("/nowhere"))
            .await?;
        Ok(())
    })
}
