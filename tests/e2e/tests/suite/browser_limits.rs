//! Browser settings that prevent a sign-in.

use anyhow::ensure;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;

#[test]
fn a_browser_that_blocks_site_data_can_call_the_open_route_and_explains_the_sign_in() -> TestResult
{
    let setup = Setup::default().blocked_site_data();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        fixture.header().sign_in().click().await?;
        let notice = fixture
            .home()
            .notice("This browser blocks site data")
            .await?;
        notice
            .contains_text("Allow cookies and site data")?
            .has_buttons(&[])?;
        fixture.header().wait_for_guest().await?;
        fixture.home().open_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_page_that_is_not_secure_does_not_start_a_sign_in() -> TestResult {
    let setup = Setup::default().host("insecure.test");
    browser_test(test_name!(), setup, async |fixture| {
        fixture
            .browser
            .open(&format!(
                "http://insecure.test:{}/",
                fixture.environment.site_port
            ))
            .await?;
        fixture.home().wait_for_guest().await?;
        fixture.header().sign_in().click().await?;
        let notice = fixture
            .home()
            .notice("Signing in needs a secure address")
            .await?;
        notice
            .contains_text("http://insecure.test")?
            .contains_text("https")?
            .has_buttons(&[])?;
        fixture.header().wait_for_guest().await?;
        ensure!(
            fixture.proxy.requests().is_empty(),
            "sent: {:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}
