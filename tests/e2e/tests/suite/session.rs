//! The session between page loads, and the callback that began it.

use anyhow::{Result, ensure};
use velvet_rope_e2e::here;
use velvet_rope_e2e::proxy::Matches;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// Remembers the label of every button that the header ever showed.
const WATCH_THE_HEADER: &str = "
    window.headerLabels = [];
    new MutationObserver(() => {
        for (const button of document.querySelectorAll('nav button')) { window.headerLabels.push(button.innerText); }
    }).observe(document, { childList: true, subtree: true, characterData: true });";

async fn header_labels(stage: &Stage) -> Result<Vec<String>> {
    Ok(serde_json::from_value(
        stage
            .browser
            .run("return window.headerLabels;", Vec::new())
            .await?,
    )?)
}

#[test]
fn a_reload_keeps_the_session_and_asks_the_cloud_nothing() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        let user_id = stage.home().user_id(&stage.cloud.demo_user).await?;
        let loads = stage.site.count("/config.json");
        stage.proxy.forget();
        stage.browser.client().refresh().await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        ensure!(
            stage.home().user_id(&stage.cloud.demo_user).await? == user_id,
            "another user after the reload"
        );
        ensure!(
            stage.proxy.seen().is_empty(),
            "sent: {:?}",
            stage.proxy.seen()
        );
        ensure!(
            stage.site.count("/config.json") == loads + 1,
            "config.json was not loaded exactly once"
        );
        stage.home().protected_route().call().await?.ok()?;
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 0,
            "the tokens were fetched anew"
        );
        Ok(())
    })
}

#[test]
fn the_header_never_shows_a_guest_while_somebody_is_signed_in() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.browser.run_on_every_page(WATCH_THE_HEADER).await?;
        stage.open("/").await?;
        stage.header().wait_for_guest().await?;
        let labels = header_labels(stage).await?;
        ensure!(
            labels.iter().any(|label| label == "Sign in"),
            "the watch saw nothing: {labels:?}"
        );
        stage.sign_in_from_here().await?;
        for moment in ["after the sign-in", "after a reload"] {
            let labels = header_labels(stage).await?;
            ensure!(
                labels.contains(&stage.cloud.demo_user),
                "{moment} the watch saw only {labels:?}"
            );
            ensure!(
                !labels.iter().any(|label| label == "Sign in"),
                "{moment} the header flashed: {labels:?}"
            );
            stage.browser.client().refresh().await?;
            stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        }
        Ok(())
    })
}

#[test]
fn neither_reload_nor_back_nor_forward_answers_a_callback_twice() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        stage.browser.client().refresh().await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        stage.browser.client().back().await?;
        stage.hosted_ui().wait().await?;
        stage.browser.client().forward().await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 1,
            "{:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}

#[test]
fn a_callback_address_opened_again_neither_sends_its_code_nor_ends_the_session() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        stage.header().start_sign_in().await?;
        let address = stage
            .hosted_ui()
            .callback_address(&stage.cloud.demo_user, &stage.cloud.demo_password)
            .await?;
        stage.browser.open(address.as_str()).await?;
        stage.home().user_id(&stage.cloud.demo_user).await?;
        stage.browser.open(address.as_str()).await?;
        stage
            .callback()
            .notice("This sign-in was not started here")
            .await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 1,
            "{:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}

#[test]
fn the_callback_address_without_an_answer_leads_to_the_start_page() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/authenticated").await?;
        stage.home().wait_for_guest().await?;
        stage.browser.arrive_at(&stage.site.url("/")).await
    })
}
