//! API-managed accounts: register, call a bearer route, sign out. The cloud has
//! the parts `authorizer` and `accounts`.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::process::Command;
use velvet_rope_e2e::axe::check;
use velvet_rope_e2e::browser::{Capability, ColorScheme, Role};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

use crate::keyboard::fits;

const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "another horse battery";

/// A site with accounts and one bearer route.
fn with_accounts(config: &mut Value) {
    config["accounts"] = json!({});
    config["api"]["routes"] = json!([
        { "name": "Token route", "method": "GET", "path": "/require-token", "auth": "bearer" }
    ]);
}

/// A name that no other test has registered.
fn new_name() -> String {
    format!("alice.{:016x}", fastrand::u64(..))
}

/// The token in the page's storage.
async fn stored_token(fixture: &Fixture) -> Result<String> {
    let script = "return JSON.parse(sessionStorage.getItem('velvet-rope.account')).token;";
    let token = fixture.browser.evaluate(script, Vec::new()).await?;
    token
        .as_str()
        .map(str::to_owned)
        .context("no token is stored")
}

/// Calls the route with a token, outside the browser.
async fn call_with(config: &Value, token: &str) -> Result<StatusCode> {
    let text = |pointer: &str| config.pointer(pointer).and_then(Value::as_str);
    let base = text("/api/base_url").context("no address of the API")?;
    let request = Request::get(format!("{base}/require-token"))
        .header("x-api-key", text("/api/key").context("no API key")?)
        .header("authorization", format!("Bearer {token}"))
        .body(Full::<Bytes>::default())?;
    Ok(Client::default().send(request).await?.status())
}

/// Registers, calls the route, signs out, and returns the token.
async fn use_an_account(fixture: &Fixture, config: &Value) -> Result<String> {
    let (page, name) = (fixture.account_page(), new_name());
    fixture.open("/").await?;
    let link = fixture
        .header()
        .account()
        .get_by_role(Role::Link, "Account");
    link.click().await?;
    page.register().send(&name, PASSWORD).await?;
    page.wait_for(&name).await?;
    page.outcome().wait_for_text("You are signed in").await?;

    let routes = fixture.browser.get_by_role(Role::Link, "Go to the routes");
    routes.click().await?;
    fixture.home().auth_state().wait_for_text(&name).await?;
    let body = fixture.home().card("Token route").call().await?.ok()?;
    let subject = body["caller"]["sub"].as_str().unwrap_or_default();
    ensure!(!subject.is_empty() && !subject.contains("alice"), "{body}");
    let token = stored_token(fixture).await?;
    let status = call_with(config, &token).await?;
    ensure!(status == StatusCode::OK, "{status}");

    // A reload keeps the session.
    fixture.open("/account").await?;
    page.wait_for(&name).await?;
    page.sign_out().click().await?;
    page.outcome().wait_for_text("You are signed out").await?;
    fixture.open("/").await?;
    fixture.home().wait_for_guest().await?;
    let notice = fixture
        .home()
        .card("Token route")
        .call_expecting_notice()
        .await?;
    ensure!(notice.title == "Sign in first", "{notice:?}");
    Ok(token)
}

#[test]
fn a_registered_user_calls_the_route_until_sign_out() -> TestResult {
    let setup = Setup::direct().config(with_accounts);
    browser_test(test_name!(), setup, async |fixture| {
        let token = use_an_account(fixture, &fixture.config).await?;
        ensure!(token.starts_with("vr_"), "not the key to a session");
        let status = call_with(&fixture.config, &token).await?;
        ensure!(
            status == StatusCode::UNAUTHORIZED,
            "{status} after signing out"
        );
        Ok(())
    })
}

/// Deploys a second stack, whose accounts have signed tokens, and returns its configuration. It has the parts of the
/// first, built in the same way, so no function is built again.
async fn deploy_with_signed_tokens(fixture: &Fixture) -> Result<Value> {
    let environment = &fixture.environment;
    let config = environment.artifacts.join("signed-tokens.json");
    let output = Command::new(&environment.xtask)
        .args(["deploy", "--yes", "--endpoint", &environment.cloud_url])
        .arg("--built-for-tests")
        .args([
            "--stack",
            "velvet-rope-signed",
            "--with",
            "authorizer,ingestion,accounts",
        ])
        .args([
            "--parameter",
            "AccountsMode=jwt",
            "--site-url",
            &environment.site_url(),
        ])
        .arg("--config")
        .arg(&config)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    Ok(serde_json::from_str(&std::fs::read_to_string(config)?)?)
}

#[test]
fn signed_tokens_open_the_route_until_they_expire() -> TestResult {
    let setup = Setup::direct()
        .limit(Duration::from_mins(5))
        .needs(Capability::LocalCloud);
    browser_test(test_name!(), setup, async |fixture| {
        let config = deploy_with_signed_tokens(fixture).await?;
        ensure!(config["accounts"] == json!({}), "accounts are not offered");
        fixture.site.set_config(SiteConfig::Json(config.clone()));
        let token = use_an_account(fixture, &config).await?;
        ensure!(token.starts_with("eyJ"), "not a signed token");
        let status = call_with(&config, &token).await?;
        ensure!(status == StatusCode::OK, "{status} before it expires");
        let (signed, signature) = token.rsplit_once('.').context("no signature")?;
        let mut signature: Vec<char> = signature.chars().collect();
        signature.swap(10, 20);
        let forged = format!("{signed}.{}", String::from_iter(&signature));
        let status = call_with(&config, &forged).await?;
        let is_refused = forged == token || status == StatusCode::UNAUTHORIZED;
        ensure!(is_refused, "{status} for a forged one");
        Ok(())
    })
}

#[test]
fn a_wrong_password_is_refused_and_the_form_keeps_its_values() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct().config(with_accounts),
        async |fixture| {
            let (page, name) = (fixture.account_page(), new_name());
            fixture.open("/account").await?;
            page.sign_in().send(&name, PASSWORD).await?;
            page.notice("The name or the password is wrong").await?;
            ensure!(page.sign_in().value("Name").await? == name);
            ensure!(page.sign_in().value("Password").await? == PASSWORD);

            page.register().send(&name, PASSWORD).await?;
            page.wait_for(&name).await?;
            page.sign_out().click().await?;
            page.outcome().wait_for_text("You are signed out").await?;
            page.sign_in().send(&name, OTHER_PASSWORD).await?;
            page.notice("The name or the password is wrong").await?;
            page.sign_in().send(&name, PASSWORD).await?;
            page.wait_for(&name).await
        },
    )
}

#[test]
fn a_taken_name_cannot_be_registered_again() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct().config(with_accounts),
        async |fixture| {
            let (page, name) = (fixture.account_page(), new_name());
            fixture.open("/account").await?;
            page.register().send(&name, PASSWORD).await?;
            page.wait_for(&name).await?;
            page.sign_out().click().await?;
            page.outcome().wait_for_text("You are signed out").await?;
            page.register().send(&name, OTHER_PASSWORD).await?;
            page.notice("This name is taken").await?;
            page.sign_in().send(&name, PASSWORD).await?;
            page.wait_for(&name).await
        },
    )
}

#[test]
fn wrong_passwords_lock_the_account() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct().config(with_accounts),
        async |fixture| {
            let (page, name) = (fixture.account_page(), new_name());
            fixture.open("/account").await?;
            for _ in 0..5 {
                page.sign_in().send(&name, PASSWORD).await?;
                page.notice("The name or the password is wrong").await?;
            }
            page.sign_in().send(&name, PASSWORD).await?;
            let notice = page.notice("Too many attempts").await?;
            notice
                .contains_text("Wait ")?
                .contains_text(" s and try again")?;
            Ok(())
        },
    )
}

#[test]
fn accounts_are_not_offered_where_none_are_configured() -> TestResult {
    let without = |config: &mut Value| {
        if let Some(sections) = config.as_object_mut() {
            sections.remove("accounts");
        }
    };
    browser_test(
        test_name!(),
        Setup::default().config(without),
        async |fixture| {
            fixture.open("/").await?;
            fixture.header().wait_for_guest().await?;
            let link = fixture
                .header()
                .account()
                .get_by_role(Role::Link, "Account");
            ensure!(!link.is_present().await?, "the header offers an account");
            fixture.open("/account").await?;
            fixture.not_found().heading().element().await?;
            Ok(())
        },
    )
}

#[test]
fn the_account_page_fits_narrow_screens_and_passes_axe() -> TestResult {
    browser_test(
        test_name!(),
        Setup::direct()
            .config(with_accounts)
            .needs(Capability::ColorScheme)
            .needs(Capability::NarrowestViewport),
        async |fixture| {
            let (page, name) = (fixture.account_page(), new_name());
            for scheme in [ColorScheme::Light, ColorScheme::Dark] {
                fixture.browser.emulate_color_scheme(scheme).await?;
                fixture.open("/account").await?;
                page.sign_in().form().element().await?;
                check(fixture, "the forms of an account").await?;
            }
            for width in [360, 320] {
                fixture.browser.set_viewport_width(width).await?;
                fixture.open("/account").await?;
                page.sign_in().send(&name, PASSWORD).await?;
                page.notice("The name or the password is wrong").await?;
                fits(fixture, "the forms of an account").await?;
            }
            page.register().send(&name, PASSWORD).await?;
            page.wait_for(&name).await?;
            fits(fixture, "the account").await?;
            check(fixture, "the account").await
        },
    )
}
