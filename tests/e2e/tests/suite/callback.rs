//! Responses at the callback URL, genuine and forged.

use std::time::Duration;

use anyhow::{Result, ensure};
use url::Url;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind};
use velvet_rope_e2e::test_name;

/// The callback URL of a successful sign-in that the browser has not opened yet.
async fn callback_address(fixture: &Fixture) -> Result<Url> {
    fixture.open("/").await?;
    fixture.header().start_sign_in().await?;
    fixture
        .hosted_ui()
        .callback_address(
            &fixture.environment.demo_user,
            &fixture.environment.demo_password,
        )
        .await
}

fn with_another_state(mut address: Url) -> Url {
    let pairs: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let pairs = pairs.into_iter().map(|(name, value)| match name.as_str() {
        "state" => (name, format!("{value}x")),
        _ => (name, value),
    });
    let mut url = address.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    address.set_query(url.query());
    address
}

#[test]
fn a_tampered_state_does_not_sign_in_and_sends_nothing() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let address = with_another_state(callback_address(fixture).await?);
        fixture.browser.open(address.as_str()).await?;
        fixture
            .callback()
            .notice("This sign-in was not started here")
            .await?
            .has_buttons(&["Sign in"])?;
        fixture.header().wait_for_guest().await?;
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 0,
            "the code was sent"
        );
        fixture.callback().start_page().click().await?;
        fixture.home().heading().element().await?;
        fixture.header().wait_for_guest().await
    })
}

#[test]
fn a_forged_callback_does_not_sign_out_the_user() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        fixture
            .open("/authenticated?code=forged&state=forged")
            .await?;
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
            "the forged code was sent"
        );
        fixture.callback().start_page().click().await?;
        fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        fixture.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_cancelled_sign_in_is_no_error_and_can_be_started_again() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .open("/authenticated?error=access_denied&error_description=User+cancelled&state=s")
            .await?;
        let notice = fixture
            .callback()
            .notice("The sign-in was cancelled")
            .await?;
        notice
            .contains_text("Nothing has changed")?
            .contains_text("“User cancelled”")?
            .has_buttons(&["Sign in"])?;
        fixture.header().wait_for_guest().await?;
        fixture
            .callback()
            .region()
            .get_by_role(Role::Button, "Sign in")
            .click()
            .await?;
        fixture.sign_in_at_hosted_ui().await?;
        fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        Ok(())
    })
}

#[test]
fn every_authorization_error_has_its_own_message() -> TestResult {
    const REFUSALS: [(&str, &str, &str); 5] = [
        (
            "error=invalid_request&error_description=PreSignUp+failed",
            "Cognito did not accept the sign-in",
            "PreSignUp failed",
        ),
        (
            "error=unauthorized_client",
            "The app client may not sign users in",
            "Authorization code",
        ),
        (
            "error=invalid_scope",
            "The app client lacks a scope",
            "user_pool.scopes",
        ),
        (
            "error=server_error",
            "Cognito had an internal error",
            "Try again",
        ),
        (
            "error=something_else",
            "The sign-in was refused",
            "something_else",
        ),
    ];
    browser_test(test_name!(), Setup::default(), async |fixture| {
        for (query, title, part) in REFUSALS {
            fixture.open(&format!("/authenticated?{query}")).await?;
            fixture
                .callback()
                .notice(title)
                .await?
                .contains_text(part)?
                .has_buttons(&["Sign in"])?;
        }
        ensure!(
            fixture.proxy.requests().is_empty(),
            "sent: {:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn a_broken_callback_address_is_not_used() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        for (query, part) in [
            ("code=a&code=b&state=s", "the parameter code twice"),
            ("code=a", "no state"),
        ] {
            fixture.open(&format!("/authenticated?{query}")).await?;
            fixture
                .callback()
                .notice("The sign-in came back with a broken address")
                .await?
                .contains_text(part)?;
        }
        ensure!(
            fixture.proxy.requests().is_empty(),
            "sent: {:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn a_token_request_without_response_times_out() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .proxy
            .inject(RequestKind::USER_POOL_TOKEN, Fault::Hang);
        fixture.sign_in_until_callback().await?;
        let limit = Duration::from_secs(30);
        let notice = fixture
            .callback()
            .notice_within(limit, "The token endpoint takes too long")
            .await?;
        notice
            .contains_text("20 seconds")?
            .has_buttons(&["Try again"])?;
        fixture.header().wait_for_guest().await
    })
}
