//! Requests without a readable response.

use anyhow::ensure;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind};
use velvet_rope_e2e::test_name;

const UNREADABLE: &str = "The API cannot be reached, or its answer cannot be read";

#[test]
fn a_response_without_cors_headers_and_a_dropped_connection_have_the_same_message() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        let card = fixture.home().open_route();
        for fault in [Fault::WithoutCors, Fault::Drop] {
            fixture.proxy.clear_faults();
            fixture.proxy.inject(RequestKind::OPEN_ROUTE, fault.clone());
            let outcome = card.call().await?;
            ensure!(outcome.status.is_none(), "{fault:?}: {outcome:?}");
            let notice = outcome.notice.unwrap_or_default();
            ensure!(notice.title == UNREADABLE, "{fault:?}: {notice:?}");
            notice
                .contains_text("network failure")?
                .contains_text("without CORS headers")?
                .contains_text("DEFAULT_4XX")?
                .has_buttons(&["Try again"])?;
        }
        fixture.proxy.clear_faults();
        card.click_button("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_dropped_identity_pool_request_can_be_retried() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        fixture.proxy.inject(RequestKind::GET_ID, Fault::Drop);
        let notice = fixture
            .home()
            .protected_route()
            .call_expecting_notice()
            .await?;
        ensure!(
            notice.title == "The identity pool cannot be reached, or its answer cannot be read",
            "{notice:?}"
        );
        notice
            .contains_text("identity_pool.endpoint")?
            .has_buttons(&["Try again"])?;
        fixture.proxy.clear_faults();
        fixture
            .home()
            .protected_route()
            .click_button("Try again")
            .await?
            .ok()?;
        Ok(())
    })
}

#[test]
fn an_offline_page_says_so_and_can_retry() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        fixture.open("/").await?;
        let card = fixture.home().open_route();
        card.call().await?.ok()?;
        fixture.browser.set_offline(true).await?;
        let notice = card.call_expecting_notice().await?;
        ensure!(notice.title == "You are offline", "{notice:?}");
        notice.has_buttons(&["Try again"])?;
        fixture.browser.set_offline(false).await?;
        card.click_button("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_pending_call_is_announced_and_not_sent_twice() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        let card = fixture.home().open_route();
        fixture.proxy.inject(RequestKind::OPEN_ROUTE, Fault::Hold);
        card.button().click().await?;
        card.answer()
            .wait_for_text("Waiting for the answer")
            .await?;
        card.button().click().await?;
        fixture.proxy.clear_faults();
        card.outcome().await?.ok()?;
        let calls = fixture.proxy.count(RequestKind::OPEN_ROUTE);
        ensure!(calls == 1, "called {calls} times");
        Ok(())
    })
}
