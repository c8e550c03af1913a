//! Every page, light and dark, before axe-core.

use anyhow::{Result, ensure};
use http::StatusCode;
use serde_json::{Value, json};
use velvet_rope_e2e::axe::check;
use velvet_rope_e2e::browser::ColorScheme;
use velvet_rope_e2e::here;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

async fn check_pages_of_a_guest(stage: &Stage) -> Result<()> {
    stage.open("/").await?;
    stage.home().wait_for_guest().await?;
    check(stage, "the start page of a guest").await?;
    stage.home().protected_route().call_refused().await?;
    check(stage, "the start page with a notice").await?;
    stage
        .open("/authenticated?error=invalid_scope&error_description=nope")
        .await?;
    stage
        .callback()
        .notice("The app client lacks a scope")
        .await?;
    check(stage, "the callback page").await?;
    stage.open("/nowhere").await?;
    stage.not_found().heading().element().await?;
    check(stage, "the not-found page").await
}

async fn check_pages_of_a_user(stage: &Stage) -> Result<()> {
    stage.sign_in().await?;
    stage.home().open_route().call().await?.ok()?;
    stage.home().protected_route().call().await?.ok()?;
    check(stage, "the start page with answers").await?;
    stage
        .header()
        .user_menu(&stage.cloud.demo_user)
        .click()
        .await?;
    stage.header().sign_out().element().await?;
    check(stage, "the start page with the menu open").await?;
    stage.open("/session").await?;
    stage.session_page().heading().element().await?;
    check(stage, "the page that shows the session").await?;
    stage.open("/signedout").await?;
    stage.signed_out().still_signed_in().element().await?;
    check(stage, "the signed-out page of somebody signed in").await?;
    stage
        .header()
        .start_sign_out(&stage.cloud.demo_user)
        .await?;
    stage.signed_out().heading().element().await?;
    check(stage, "the signed-out page").await
}

async fn check_pages_without_configuration(stage: &Stage) -> Result<()> {
    stage
        .site
        .set_config(SiteConfig::Status(StatusCode::NOT_FOUND));
    stage.open("/").await?;
    stage
        .setup_page()
        .titled("There is no configuration yet")
        .await?;
    check(stage, "the page without a configuration").await?;
    stage
        .site
        .set_config(SiteConfig::Json(json!({ "region": 7 })));
    stage.open("/").await?;
    stage
        .setup_page()
        .titled("The configuration has 4 mistakes")
        .await?;
    check(stage, "the page with a configuration's mistakes").await
}

async fn check_all_pages(stage: &Stage, scheme: ColorScheme) -> Result<()> {
    stage.browser.prefer(scheme).await?;
    check_pages_of_a_guest(stage).await?;
    check_pages_of_a_user(stage).await?;
    check_pages_without_configuration(stage).await?;
    // Without a difference one of the schemes was checked twice.
    let color = background(stage).await?;
    stage.browser.prefer(scheme.other()).await?;
    let other = background(stage).await?;
    ensure!(
        color != other,
        "light and dark pages have the same background, {color}"
    );
    Ok(())
}

async fn background(stage: &Stage) -> Result<Value> {
    stage
        .browser
        .run(
            "return getComputedStyle(document.body).backgroundColor;",
            Vec::new(),
        )
        .await
}

#[test]
fn axe_finds_nothing_on_light_pages() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        check_all_pages(stage, ColorScheme::Light).await
    })
}

#[test]
fn axe_finds_nothing_on_dark_pages() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        check_all_pages(stage, ColorScheme::Dark).await
    })
}
