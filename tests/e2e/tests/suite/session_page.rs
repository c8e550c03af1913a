//! The page that shows the session, what is said wherever one is, and what signing out leaves behind.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::here;
use velvet_rope_e2e::oidc::{Asked, Fault, Settings};
use velvet_rope_e2e::stage::{ALICE, Setup, Stage, Verdict, play};

const EDITOR: &str = "arn:aws:iam::000000000000:role/editor";

/// Follows the menu to the page.
async fn go(stage: &Stage, user: &str) -> Result<()> {
    stage.header().user_menu(user).click().await?;
    let link = stage.header().account().at(Role::Link, "Session");
    link.click().await?;
    stage.session_page().heading().element().await?;
    Ok(())
}

/// Signs out and answers what the page afterwards says.
async fn sign_out(stage: &Stage, user: &str) -> Result<String> {
    stage.header().start_sign_out(user).await?;
    stage.signed_out().heading().element().await?;
    let text = stage
        .browser
        .run(
            "return document.getElementById('main').innerText",
            Vec::new(),
        )
        .await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_page_shows_the_session_as_it_changes_and_no_secret() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        go(stage, &stage.cloud.demo_user).await?;
        let page = stage.session_page();
        page.fact("How it is kept", "Tabs with this session", "1")
            .await?;
        page.fact("How it is kept", "Clock of this device", "")
            .await?;
        page.part("Claims of the ID token")
            .text_with("token_use")
            .await?;
        page.renew("The tokens are new.").await?;
        page.part("Events").text_with("New tokens").await?;
        let other = stage.browser.tab().await?;
        stage.browser.open_tab(&stage.site.url("/session")).await?;
        page.fact("How it is kept", "Tabs with this session", "2")
            .await?;
        stage.browser.close_tab(&other).await.ok();
        stage.browser.switch_to(&other).await?;
        let shown = stage
            .browser
            .run("return document.documentElement.outerHTML", Vec::new())
            .await?;
        let shown = shown.as_str().unwrap_or_default();
        ensure!(!shown.contains("eyJ"), "the page shows a token");
        for secret in stage.proxy.secrets() {
            ensure!(!shown.contains(&secret), "the page shows a secret");
        }
        Ok(())
    })
}

#[test]
fn somebody_who_is_not_signed_in_is_told_so_and_comes_back_to_the_page() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/session").await?;
        stage.header().wait_for_guest().await?;
        stage.sign_in_from_here().await?;
        stage.session_page().heading().element().await?;
        stage.browser.arrive_at(&stage.site.url("/session")).await
    })
}

#[test]
fn a_role_is_chosen_among_those_that_the_token_offers() -> Verdict {
    let settings = Settings::default().claim("cognito:roles", json!([EDITOR]));
    play(here!(), Setup::with_provider(settings), async |stage| {
        stage.sign_in_alice().await?;
        go(stage, ALICE).await?;
        let part = stage.session_page().part("What you can do");
        let script = "arguments[0].querySelectorAll('input[name=role]')[1].click(); return null";
        part.text_with("editor").await?;
        part.run(script).await?;
        part.text_with("The role is used from the next signed call on.")
            .await?;
        stage.browser.client().refresh().await?;
        let chosen = "return arguments[0].querySelectorAll('input[name=role]')[1]?.checked ?? null";
        part.text_with("editor").await?;
        ensure!(
            part.run(chosen).await? == Value::Bool(true),
            "the choice was lost"
        );
        Ok(())
    })
}

#[test]
fn signing_out_says_what_stays_valid() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            stage.sign_in_alice().await?;
            let said = sign_out(stage, ALICE).await?;
            ensure!(said.contains("the sign-in page has too"), "{said}");
            ensure!(said.contains("valid until"), "{said}");
            ensure!(!said.contains("could not"), "{said}");
            ensure!(
                stage.provider()?.count(Asked::Revocation).await? == 1,
                "not revoked"
            );
            stage.sign_in_alice().await?;
            stage
                .provider()?
                .set(Asked::Revocation, Fault::Reset)
                .await?;
            let said = sign_out(stage, ALICE).await?;
            ensure!(
                said.contains("The refresh token could not be revoked"),
                "{said}"
            );
            Ok(())
        },
    )
}

#[test]
fn without_a_network_one_signs_out_here_and_reads_what_is_left() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            stage.sign_in_alice().await?;
            stage.browser.set_offline(true).await?;
            let said = sign_out(stage, ALICE).await?;
            ensure!(said.contains("it may still know you"), "{said}");
            let kept = "return sessionStorage.getItem('velvet-rope.session')";
            ensure!(
                stage.browser.run(kept, Vec::new()).await?.is_null(),
                "still kept"
            );
            stage.browser.set_offline(false).await?;
            stage.browser.at(Role::Button, "Try again").click().await?;
            stage.signed_out().sign_in_again().element().await?;
            ensure!(
                stage.provider()?.count(Asked::EndSession).await? == 1,
                "not ended"
            );
            Ok(())
        },
    )
}

#[test]
fn a_wrong_clock_is_told_and_can_be_waved_away() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.browser.set_clock(-3_600).await?;
        stage.sign_in().await?;
        let bar = stage.browser.at(Role::Region, "Clock");
        bar.text_with("Your clock is 1 h behind").await?;
        stage.home().protected_route().call().await?.ok()?;
        bar.at(Role::Button, "Dismiss").click().await?;
        bar.gone().await
    })
}

#[test]
fn a_page_that_nobody_uses_warns_and_then_signs_out() -> Verdict {
    let setup = Setup::with_provider(Settings::default())
        .config(|config| config["session"] = json!({ "idle_minutes": 2 }));
    play(here!(), setup, async |stage| {
        stage.sign_in_alice().await?;
        // Nobody waits two minutes: the clock goes on without them.
        stage.browser.set_clock(70).await?;
        let warning = stage.browser.at(Role::Region, "Session about to end");
        warning.text_with("You will be signed out in").await?;
        warning.at(Role::Button, "Stay signed in").click().await?;
        warning.gone().await?;
        stage.header().wait_for_user(ALICE).await?;
        stage.browser.set_clock(70 + 130).await?;
        stage.signed_out().heading().element().await?;
        let main = "return document.getElementById('main').innerText";
        let said = stage.browser.run(main, Vec::new()).await?;
        ensure!(
            said.to_string()
                .contains("nobody used this page for 2 minutes"),
            "{said}"
        );
        Ok(())
    })
}
