//! Every page, light and dark, checked by axe-core.

use anyhow::{Result, ensure};
use http::StatusCode;
use serde_json::{Value, json};
use velvet_rope_e2e::axe::check;
use velvet_rope_e2e::browser::{Capability, ColorScheme};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

async fn check_pages_of_a_guest(fixture: &Fixture) -> Result<()> {
    fixture.open("/").await?;
    fixture.home().wait_for_guest().await?;
    check(fixture, "the start page of a guest").await?;
    fixture
        .home()
        .protected_route()
        .call_expecting_notice()
        .await?;
    check(fixture, "the start page with a notice").await?;
    fixture
        .open("/authenticated?error=invalid_scope&error_description=nope")
        .await?;
    fixture
        .callback()
        .notice("The app client lacks a scope")
        .await?;
    check(fixture, "the callback page").await?;
    fixture.open("/nowhere").await?;
    fixture.not_found().heading().element().await?;
    check(fixture, "the not-found page").await
}

async fn check_pages_of_a_user(fixture: &Fixture) -> Result<()> {
    fixture.sign_in().await?;
    fixture.home().open_route().call().await?.ok()?;
    fixture.home().protected_route().call().await?.ok()?;
    check(fixture, "the start page with answers").await?;
    fixture
        .header()
        .user_menu(&fixture.environment.demo_user)
        .click()
        .await?;
    fixture.header().sign_out().element().await?;
    check(fixture, "the start page with the menu open").await?;
    fixture.open("/console").await?;
    let console = fixture.console();
    console.choose("GET /require-auth").await?;
    console.send_and_wait("200").await?;
    for tab in ["Body", "Headers", "Request", "Code"] {
        console.open_tab(tab).await?;
        check(fixture, &format!("the API console, {tab}")).await?;
    }
    fixture.open("/session").await?;
    fixture.session_page().heading().element().await?;
    check(fixture, "the page that shows the session").await?;
    fixture.open("/signedout").await?;
    fixture.signed_out().still_signed_in().element().await?;
    check(fixture, "the signed-out page of a signed-in user").await?;
    fixture
        .header()
        .start_sign_out(&fixture.environment.demo_user)
        .await?;
    fixture.signed_out().heading().element().await?;
    check(fixture, "the signed-out page").await
}

async fn check_pages_without_configuration(fixture: &Fixture) -> Result<()> {
    fixture
        .site
        .set_config(SiteConfig::Status(StatusCode::NOT_FOUND));
    fixture.open("/").await?;
    fixture
        .setup_page()
        .wait_for_title("There is no configuration yet")
        .await?;
    check(fixture, "the page without a configuration").await?;
    fixture
        .site
        .set_config(SiteConfig::Json(json!({ "region": 7 })));
    fixture.open("/").await?;
    fixture
        .setup_page()
        .wait_for_title("The configuration has 4 mistakes")
        .await?;
    check(fixture, "the page with a configuration's mistakes").await
}

async fn check_all_pages(fixture: &Fixture, scheme: ColorScheme) -> Result<()> {
    fixture.browser.emulate_color_scheme(scheme).await?;
    check_pages_of_a_guest(fixture).await?;
    check_pages_of_a_user(fixture).await?;
    check_pages_without_configuration(fixture).await?;
    // Equal colors would mean that one scheme was checked twice.
    let color = background(fixture).await?;
    fixture.browser.emulate_color_scheme(scheme.other()).await?;
    let other = background(fixture).await?;
    ensure!(
        color != other,
        "light and dark pages have the same background, {color}"
    );
    Ok(())
}

async fn background(fixture: &Fixture) -> Result<Value> {
    fixture
        .browser
        .evaluate(
            "return getComputedStyle(document.body).backgroundColor;",
            Vec::new(),
        )
        .await
}

#[test]
fn axe_finds_nothing_on_light_pages() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::ColorScheme),
        async |fixture| check_all_pages(fixture, ColorScheme::Light).await,
    )
}

#[test]
fn axe_finds_nothing_on_dark_pages() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::ColorScheme),
        async |fixture| check_all_pages(fixture, ColorScheme::Dark).await,
    )
}
