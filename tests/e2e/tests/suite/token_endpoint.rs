//! A token endpoint that refuses, fails or does not answer. The proxy injects the faults: MiniStack always answers.

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::{Edit, Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;

/// Signs in and returns the notice of the failure.
async fn sign_in_fails(fixture: &Fixture, title: &str) -> Result<Notice> {
    fixture.sign_in_until_callback().await?;
    let notice = fixture.callback().notice(title).await?;
    fixture.header().wait_for_guest().await?;
    Ok(notice)
}

/// Clears the faults and signs in with the button of the notice.
async fn sign_in_with(fixture: &Fixture, button: &str) -> Result<()> {
    fixture.proxy.clear_faults();
    fixture
        .callback()
        .region()
        .get_by_role(Role::Button, button)
        .click()
        .await?;
    fixture.sign_in_at_hosted_ui().await?;
    fixture
        .header()
        .wait_for_user(&fixture.environment.demo_user)
        .await
}

#[test]
fn a_used_code_asks_for_a_new_sign_in() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        // AWS sends no description.
        let answer = StubResponse::json(400, &json!({ "error": "invalid_grant" }));
        fixture
            .proxy
            .inject(RequestKind::USER_POOL_TOKEN, Fault::Respond(answer));
        sign_in_fails(fixture, "This sign-in has been used up")
            .await?
            .has_buttons(&["Sign in"])?;
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
            "the code was sent more than once"
        );
        sign_in_with(fixture, "Sign in").await
    })
}

#[test]
fn an_app_client_with_a_secret_is_reported() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let body =
            json!({ "error": "invalid_client", "error_description": "invalid_client_secret" });
        fixture.proxy.inject(
            RequestKind::USER_POOL_TOKEN,
            Fault::Respond(StubResponse::json(400, &body)),
        );
        let notice = sign_in_fails(fixture, "Cognito does not accept this app client").await?;
        notice
            .contains_text("invalid_client_secret")?
            .contains_text("user_pool.client_id")?
            .has_buttons(&[])?;
        Ok(())
    })
}

#[test]
fn a_failing_token_endpoint_can_be_retried() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.proxy.inject(
            RequestKind::USER_POOL_TOKEN,
            Fault::Respond(StubResponse::text(503, "<html>Service Unavailable</html>")),
        );
        let notice = sign_in_fails(fixture, "Cognito had an internal error").await?;
        notice.contains_text("503")?.has_buttons(&["Try again"])?;
        sign_in_with(fixture, "Try again").await
    })
}

#[test]
fn a_dropped_token_request_is_reported_as_network_or_cors_failure() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .proxy
            .inject(RequestKind::USER_POOL_TOKEN, Fault::Drop);
        let title = "The token endpoint cannot be reached, or its answer cannot be read";
        let notice = sign_in_fails(fixture, title).await?;
        notice
            .contains_text("network failure")?
            .contains_text("CORS")?
            .contains_text("user_pool.domain")?
            .has_buttons(&["Try again"])?;
        sign_in_with(fixture, "Try again").await
    })
}

#[test]
fn an_unreadable_id_token_is_rejected() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.header().start_sign_in().await?;
        fixture.proxy.inject(
            RequestKind::USER_POOL_TOKEN,
            Fault::EditResponse(Edit::default().set("/id_token", json!("not.a.token"))),
        );
        fixture.sign_in_at_hosted_ui().await?;
        fixture
            .callback()
            .notice("The ID token cannot be trusted")
            .await?
            .has_buttons(&["Sign in"])?;
        fixture.header().wait_for_guest().await
    })
}

#[test]
fn while_tokens_are_requested_the_page_shows_progress_and_no_sign_in_button() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .proxy
            .inject(RequestKind::USER_POOL_TOKEN, Fault::Hold);
        fixture.sign_in_until_callback().await?;
        fixture
            .browser
            .get_by_role(Role::Heading, "Signing you in")
            .element()
            .await?;
        fixture
            .header()
            .account()
            .wait_for_text("Signing in")
            .await?;
        ensure!(
            !fixture.header().sign_in().is_present().await?,
            "the header offers to sign in"
        );
        fixture.proxy.clear_faults();
        fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        Ok(())
    })
}
