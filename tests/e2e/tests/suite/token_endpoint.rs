//! A token endpoint that refuses, fails or does not answer. The stand-in plays it: MiniStack always answers.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::{Answer, Fault, RequestMatcher};
use velvet_rope_e2e::test_name;

/// Signs in up to the moment where the code is traded for tokens.
async fn come_back(fixture: &Fixture) -> Result<()> {
    fixture.open("/").await?;
    fixture.header().start_sign_in().await?;
    fixture
        .hosted_ui()
        .sign_in(
            &fixture.environment.demo_user,
            &fixture.environment.demo_password,
        )
        .await
}

/// Signs in and answers the words for what went wrong.
async fn sign_in_fails(fixture: &Fixture, title: &str) -> Result<Notice> {
    come_back(fixture).await?;
    let notice = fixture.callback().notice(title).await?;
    fixture.header().wait_for_guest().await?;
    Ok(notice)
}

/// Signs in with the button of the notice, after the trouble has passed.
async fn sign_in_with(fixture: &Fixture, button: &str) -> Result<()> {
    fixture.proxy.clear_faults();
    fixture
        .callback()
        .region()
        .get_by_role(Role::Button, button)
        .click()
        .await?;
    fixture
        .hosted_ui()
        .sign_in(
            &fixture.environment.demo_user,
            &fixture.environment.demo_password,
        )
        .await?;
    fixture
        .header()
        .wait_for_user(&fixture.environment.demo_user)
        .await
}

#[test]
fn a_code_that_is_used_up_asks_for_a_new_sign_in() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        // AWS sends no description.
        let answer = Answer::json(400, &json!({ "error": "invalid_grant" }));
        fixture
            .proxy
            .inject(RequestMatcher::TOKEN, Fault::Answer(answer));
        sign_in_fails(fixture, "This sign-in has been used up")
            .await?
            .has_buttons(&["Sign in"])?;
        ensure!(
            fixture.proxy.count(RequestMatcher::TOKEN) == 1,
            "the code was sent more than once"
        );
        sign_in_with(fixture, "Sign in").await
    })
}

#[test]
fn a_client_with_a_secret_is_named() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let body =
            json!({ "error": "invalid_client", "error_description": "invalid_client_secret" });
        fixture.proxy.inject(
            RequestMatcher::TOKEN,
            Fault::Answer(Answer::json(400, &body)),
        );
        let notice = sign_in_fails(fixture, "Cognito does not take this app client").await?;
        notice
            .contains_text("invalid_client_secret")?
            .contains_text("user_pool.client_id")?
            .has_buttons(&[])?;
        Ok(())
    })
}

#[test]
fn a_token_endpoint_that_is_down_can_be_tried_again() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.proxy.inject(
            RequestMatcher::TOKEN,
            Fault::Answer(Answer::text(503, "<html>Service Unavailable</html>")),
        );
        let notice = sign_in_fails(fixture, "Cognito has a problem of its own").await?;
        notice.contains_text("503")?.has_buttons(&["Try again"])?;
        sign_in_with(fixture, "Try again").await
    })
}

#[test]
fn a_token_endpoint_that_hangs_up_is_a_matter_of_network_or_cors() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.proxy.inject(RequestMatcher::TOKEN, Fault::Drop);
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
fn a_token_endpoint_that_does_not_answer_is_given_up() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.proxy.inject(RequestMatcher::TOKEN, Fault::Hang);
        come_back(fixture).await?;
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

#[test]
fn an_id_token_that_cannot_be_read_is_not_trusted() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.header().start_sign_in().await?;
        fixture.proxy.inject(
            RequestMatcher::TOKEN,
            Fault::EditJson(|tokens| tokens["id_token"] = json!("not.a.token")),
        );
        fixture
            .hosted_ui()
            .sign_in(
                &fixture.environment.demo_user,
                &fixture.environment.demo_password,
            )
            .await?;
        fixture
            .callback()
            .notice("The ID token cannot be trusted")
            .await?
            .has_buttons(&["Sign in"])?;
        fixture.header().wait_for_guest().await
    })
}

#[test]
fn while_the_tokens_are_on_their_way_the_page_says_so_and_offers_nothing_else() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.proxy.inject(RequestMatcher::TOKEN, Fault::Hold);
        come_back(fixture).await?;
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
