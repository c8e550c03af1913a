//! What comes back to the callback address, and what must not be believed of it.

use anyhow::{Result, ensure};
use url::Url;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::here;
use velvet_rope_e2e::proxy::Matches;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// A sign-in that went well, up to the moment when the browser would come back.
async fn callback_address(stage: &Stage) -> Result<Url> {
    stage.open("/").await?;
    stage.header().start_sign_in().await?;
    stage
        .hosted_ui()
        .callback_address(&stage.cloud.demo_user, &stage.cloud.demo_password)
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
fn a_tampered_state_signs_nobody_in_and_sends_nothing() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        let address = with_another_state(callback_address(stage).await?);
        stage.browser.open(address.as_str()).await?;
        stage
            .callback()
            .notice("This sign-in was not started here")
            .await?
            .offers(&["Sign in"])?;
        stage.header().wait_for_guest().await?;
        ensure!(stage.proxy.count(Matches::TOKEN) == 0, "the code was sent");
        stage.callback().start_page().click().await?;
        stage.home().heading().element().await?;
        stage.header().wait_for_guest().await
    })
}

#[test]
fn a_forged_callback_does_not_sign_out_whoever_is_signed_in() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        stage
            .open("/authenticated?code=forged&state=forged")
            .await?;
        stage
            .callback()
            .notice("This sign-in was not started here")
            .await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 1,
            "the forged code was sent"
        );
        stage.callback().start_page().click().await?;
        stage.home().user_id(&stage.cloud.demo_user).await?;
        stage.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_cancelled_sign_in_is_no_error_and_can_be_started_again() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage
            .open("/authenticated?error=access_denied&error_description=User+cancelled&state=s")
            .await?;
        let notice = stage.callback().notice("The sign-in was cancelled").await?;
        notice
            .says("Nothing has changed")?
            .says("“User cancelled”")?
            .offers(&["Sign in"])?;
        stage.header().wait_for_guest().await?;
        stage
            .callback()
            .region()
            .at(Role::Button, "Sign in")
            .click()
            .await?;
        stage
            .hosted_ui()
            .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
            .await?;
        stage.home().user_id(&stage.cloud.demo_user).await?;
        Ok(())
    })
}

#[test]
fn every_refusal_of_cognito_has_words_of_its_own() -> Verdict {
    const REFUSALS: [(&str, &str, &str); 5] = [
        (
            "error=invalid_request&error_description=PreSignUp+failed",
            "Cognito did not accept the sign-in",
            "PreSignUp failed",
        ),
        (
            "error=unauthorized_client",
            "The app client may not sign people in",
            "Authorization code",
        ),
        (
            "error=invalid_scope",
            "The app client lacks a scope",
            "user_pool.scopes",
        ),
        (
            "error=server_error",
            "Cognito has a problem of its own",
            "Try again",
        ),
        (
            "error=something_else",
            "The sign-in was refused",
            "something_else",
        ),
    ];
    play(here!(), Setup::default(), async |stage| {
        for (query, title, part) in REFUSALS {
            stage.open(&format!("/authenticated?{query}")).await?;
            stage
                .callback()
                .notice(title)
                .await?
                .says(part)?
                .offers(&["Sign in"])?;
        }
        ensure!(
            stage.proxy.seen().is_empty(),
            "sent: {:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}

#[test]
fn a_broken_callback_address_is_not_used() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        for (query, part) in [
            ("code=a&code=b&state=s", "the parameter code twice"),
            ("code=a", "no state"),
        ] {
            stage.open(&format!("/authenticated?{query}")).await?;
            stage
                .callback()
                .notice("The sign-in came back with a broken address")
                .await?
                .says(part)?;
        }
        ensure!(
            stage.proxy.seen().is_empty(),
            "sent: {:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}
