//! Sign-out.

use anyhow::{Result, ensure};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::RequestKind;
use velvet_rope_e2e::storage::BrowserStorage;
use velvet_rope_e2e::test_name;

/// Signs in, calls the protected route to get credentials, and signs out.
async fn sign_in_and_out(fixture: &Fixture) -> Result<()> {
    fixture.sign_in().await?;
    fixture.home().protected_route().call().await?.ok()?;
    fixture
        .header()
        .start_sign_out(&fixture.environment.demo_user)
        .await?;
    fixture.signed_out().heading().element().await?;
    Ok(())
}

async fn check_guest_cannot_call(fixture: &Fixture) -> Result<()> {
    fixture.home().wait_for_guest().await?;
    fixture.header().wait_for_guest().await?;
    fixture.proxy.clear_requests();
    let notice = fixture
        .home()
        .protected_route()
        .call_expecting_notice()
        .await?;
    ensure!(notice.title == "Sign in first", "{notice:?}");
    ensure!(
        fixture.proxy.requests().is_empty(),
        "sent: {:?}",
        fixture.proxy.requests()
    );
    Ok(())
}

#[test]
fn signing_out_ends_the_session_here_and_at_cognito() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        sign_in_and_out(fixture).await?;
        let address = fixture.browser.url().await?;
        ensure!(
            address.as_str() == fixture.site.url("/signedout"),
            "the address is {address}"
        );
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_LOGOUT) == 1,
            "{:?}",
            fixture.proxy.requests()
        );
        // The id of the ended session, the provider's public keys and the outcome of the sign-out.
        let kept = BrowserStorage::read(&fixture.browser).await?;
        ensure!(
            kept.local_keys() == ["velvet-rope.ended", "velvet-rope.jwks"],
            "{kept:?}"
        );
        ensure!(kept.session_keys() == ["velvet-rope.sign-out"], "{kept:?}");
        kept.contains_none_of(&fixture.proxy.secrets())?;
        fixture.header().wait_for_guest().await?;
        fixture.signed_out().start_page().click().await?;
        check_guest_cannot_call(fixture).await
    })
}

#[test]
fn going_back_after_signing_out_shows_a_guest() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        sign_in_and_out(fixture).await?;
        fixture.browser.client().back().await?;
        fixture.home().heading().element().await?;
        check_guest_cannot_call(fixture).await
    })
}

#[test]
fn signing_in_again_after_signing_out_works() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        sign_in_and_out(fixture).await?;
        fixture.signed_out().sign_in_again().click().await?;
        fixture.sign_in_at_hosted_ui().await?;
        fixture
            .header()
            .wait_for_user(&fixture.environment.demo_user)
            .await?;
        fixture.browser.wait_for_url(&fixture.site.url("/")).await
    })
}

#[test]
fn opening_the_signed_out_page_does_not_sign_out() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        fixture.open("/signedout").await?;
        fixture.signed_out().still_signed_in().element().await?;
        fixture.signed_out().start_page().click().await?;
        fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        Ok(())
    })
}
