//! A token endpoint that refuses, fails or does not answer. The stand-in plays it: MiniStack always answers.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::here;
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::{Answer, Fault, Matches};
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// Signs in up to the moment where the code is traded for tokens.
async fn come_back(stage: &Stage) -> Result<()> {
    stage.open("/").await?;
    stage.header().start_sign_in().await?;
    stage
        .hosted_ui()
        .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
        .await
}

/// Signs in and answers the words for what went wrong.
async fn sign_in_fails(stage: &Stage, title: &str) -> Result<Notice> {
    come_back(stage).await?;
    let notice = stage.callback().notice(title).await?;
    stage.header().wait_for_guest().await?;
    Ok(notice)
}

/// Signs in with the button of the notice, after the trouble has passed.
async fn sign_in_with(stage: &Stage, button: &str) -> Result<()> {
    stage.proxy.heal();
    stage
        .callback()
        .region()
        .at(Role::Button, button)
        .click()
        .await?;
    stage
        .hosted_ui()
        .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
        .await?;
    stage.header().wait_for_user(&stage.cloud.demo_user).await
}

#[test]
fn a_code_that_is_used_up_asks_for_a_new_sign_in() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        // AWS sends no description.
        let answer = Answer::json(400, &json!({ "error": "invalid_grant" }));
        stage.proxy.set(Matches::TOKEN, Fault::Answer(answer));
        sign_in_fails(stage, "This sign-in has been used up")
            .await?
            .offers(&["Sign in"])?;
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 1,
            "the code was sent more than once"
        );
        sign_in_with(stage, "Sign in").await
    })
}

#[test]
fn a_client_with_a_secret_is_named() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        let body =
            json!({ "error": "invalid_client", "error_description": "invalid_client_secret" });
        stage
            .proxy
            .set(Matches::TOKEN, Fault::Answer(Answer::json(400, &body)));
        let notice = sign_in_fails(stage, "Cognito does not take this app client").await?;
        notice
            .says("invalid_client_secret")?
            .says("user_pool.client_id")?
            .offers(&[])?;
        Ok(())
    })
}

#[test]
fn a_token_endpoint_that_is_down_can_be_tried_again() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.proxy.set(
            Matches::TOKEN,
            Fault::Answer(Answer::text(503, "<html>Service Unavailable</html>")),
        );
        let notice = sign_in_fails(stage, "Cognito has a problem of its own").await?;
        notice.says("503")?.offers(&["Try again"])?;
        sign_in_with(stage, "Try again").await
    })
}

#[test]
fn a_token_endpoint_that_hangs_up_is_a_matter_of_network_or_cors() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.proxy.set(Matches::TOKEN, Fault::Drop);
        let title = "The token endpoint cannot be reached, or its answer cannot be read";
        let notice = sign_in_fails(stage, title).await?;
        notice
            .says("network failure")?
            .says("CORS")?
            .says("user_pool.domain")?
            .offers(&["Try again"])?;
        sign_in_with(stage, "Try again").await
    })
}

#[test]
fn a_token_endpoint_that_does_not_answer_is_given_up() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.proxy.set(Matches::TOKEN, Fault::Hang);
        come_back(stage).await?;
        let limit = Duration::from_secs(30);
        let notice = stage
            .callback()
            .notice_within(limit, "The token endpoint takes too long")
            .await?;
        notice.says("20 seconds")?.offers(&["Try again"])?;
        stage.header().wait_for_guest().await
    })
}

#[test]
fn an_id_token_that_cannot_be_read_is_not_trusted() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        stage.header().start_sign_in().await?;
        stage.proxy.set(
            Matches::TOKEN,
            Fault::EditJson(|tokens| tokens["id_token"] = json!("not.a.token")),
        );
        stage
            .hosted_ui()
            .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
            .await?;
        stage
            .callback()
            .notice("The ID token cannot be trusted")
            .await?
            .offers(&["Sign in"])?;
        stage.header().wait_for_guest().await
    })
}

#[test]
fn while_the_tokens_are_on_their_way_the_page_says_so_and_offers_nothing_else() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.proxy.set(Matches::TOKEN, Fault::Hold);
        come_back(stage).await?;
        stage
            .browser
            .at(Role::Heading, "Signing you in")
            .element()
            .await?;
        stage.header().account().text_with("Signing in").await?;
        ensure!(
            !stage.header().sign_in().is_there().await?,
            "the header offers to sign in"
        );
        stage.proxy.heal();
        stage.home().user_id(&stage.cloud.demo_user).await?;
        Ok(())
    })
}
