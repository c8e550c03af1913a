//! The session page, the clock and idle warnings of every page, and the signed-out page.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind};
use velvet_rope_e2e::test_name;

const EDITOR: &str = "arn:aws:iam::000000000000:role/editor";

/// Opens the page from the user menu.
async fn go(fixture: &Fixture, user: &str) -> Result<()> {
    fixture.header().user_menu(user).click().await?;
    let link = fixture
        .header()
        .account()
        .get_by_role(Role::Link, "Session");
    link.click().await?;
    fixture.session_page().heading().element().await?;
    Ok(())
}

/// Signs out and returns the text of the signed-out page.
async fn sign_out(fixture: &Fixture, user: &str) -> Result<String> {
    fixture.header().start_sign_out(user).await?;
    fixture.signed_out().heading().element().await?;
    let text = fixture
        .browser
        .evaluate(
            "return document.getElementById('main').innerText",
            Vec::new(),
        )
        .await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_page_shows_the_session_as_it_changes_and_no_secret() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        go(fixture, &fixture.environment.demo_user).await?;
        let page = fixture.session_page();
        page.wait_for_value("Storage and renewal", "Tabs with this session", "1")
            .await?;
        page.wait_for_value("Storage and renewal", "Clock of this device", "")
            .await?;
        page.part("Claims of the ID token")
            .wait_for_text("token_use")
            .await?;
        page.renew("The tokens are new.").await?;
        page.part("Events").wait_for_text("New tokens").await?;
        let other = fixture.browser.tab().await?;
        fixture
            .browser
            .open_tab(&fixture.site.url("/session"))
            .await?;
        page.wait_for_value("Storage and renewal", "Tabs with this session", "2")
            .await?;
        fixture.browser.close_tab(&other).await.ok();
        fixture.browser.switch_to(&other).await?;
        let shown = fixture
            .browser
            .evaluate("return document.documentElement.outerHTML", Vec::new())
            .await?;
        let shown = shown.as_str().unwrap_or_default();
        ensure!(!shown.contains("eyJ"), "the page shows a token");
        for secret in fixture.proxy.secrets() {
            ensure!(!shown.contains(&secret), "the page shows a secret");
        }
        Ok(())
    })
}

#[test]
fn a_guest_signs_in_from_the_session_page_and_returns_to_it() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/session").await?;
        fixture.header().wait_for_guest().await?;
        fixture.sign_in_from_here().await?;
        fixture.session_page().heading().element().await?;
        fixture
            .browser
            .wait_for_url(&fixture.site.url("/session"))
            .await
    })
}

#[test]
fn a_role_is_chosen_among_those_that_the_token_offers() -> TestResult {
    let settings = Settings::default().claim("cognito:roles", json!([EDITOR]));
    browser_test(
        test_name!(),
        Setup::with_provider(settings),
        async |fixture| {
            fixture.sign_in_alice().await?;
            go(fixture, ALICE).await?;
            let part = fixture.session_page().part("Actions");
            let script =
                "arguments[0].querySelectorAll('input[name=role]')[1].click(); return null";
            part.wait_for_text("editor").await?;
            part.evaluate(script).await?;
            part.wait_for_text("The role is used from the next signed call on.")
                .await?;
            fixture.browser.client().refresh().await?;
            let chosen =
                "return arguments[0].querySelectorAll('input[name=role]')[1]?.checked ?? null";
            part.wait_for_text("editor").await?;
            ensure!(
                part.evaluate(chosen).await? == Value::Bool(true),
                "the choice was lost"
            );
            Ok(())
        },
    )
}

#[test]
fn the_signed_out_page_lists_what_stays_valid() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            fixture.sign_in_alice().await?;
            let said = sign_out(fixture, ALICE).await?;
            ensure!(said.contains("the sign-in page has too"), "{said}");
            ensure!(said.contains("valid until"), "{said}");
            ensure!(!said.contains("could not"), "{said}");
            ensure!(
                fixture.provider()?.proxy.count(RequestKind::REVOCATION) == 1,
                "not revoked"
            );
            fixture.sign_in_alice().await?;
            fixture
                .provider()?
                .proxy
                .inject(RequestKind::REVOCATION, Fault::Drop);
            let said = sign_out(fixture, ALICE).await?;
            ensure!(
                said.contains("The refresh token could not be revoked"),
                "{said}"
            );
            Ok(())
        },
    )
}

#[test]
fn an_offline_sign_out_ends_the_local_session_and_shows_what_remains() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            fixture.sign_in_alice().await?;
            fixture.browser.set_offline(true).await?;
            let said = sign_out(fixture, ALICE).await?;
            ensure!(said.contains("you may still be signed in there"), "{said}");
            let kept = "return sessionStorage.getItem('velvet-rope.session')";
            ensure!(
                fixture.browser.evaluate(kept, Vec::new()).await?.is_null(),
                "still kept"
            );
            fixture.browser.set_offline(false).await?;
            fixture
                .browser
                .get_by_role(Role::Button, "Try again")
                .click()
                .await?;
            let provider = &fixture.provider()?.proxy;
            provider.wait_for(1, RequestKind::END_SESSION).await?;
            fixture.signed_out().sign_in_again().element().await?;
            ensure!(provider.count(RequestKind::END_SESSION) == 1, "ended twice");
            Ok(())
        },
    )
}

#[test]
fn a_wrong_clock_is_reported_and_can_be_dismissed() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.browser.set_clock(-3_600).await?;
        fixture.sign_in().await?;
        let bar = fixture.browser.get_by_role(Role::Region, "Clock");
        bar.wait_for_text("Your clock is 1 h behind").await?;
        fixture.home().protected_route().call().await?.ok()?;
        bar.get_by_role(Role::Button, "Dismiss").click().await?;
        bar.wait_until_gone().await
    })
}

#[test]
fn an_idle_page_warns_and_then_signs_out() -> TestResult {
    let setup = Setup::with_provider(Settings::default())
        .config(|config| config["session"] = json!({ "idle_minutes": 2 }));
    browser_test(test_name!(), setup, async |fixture| {
        fixture.sign_in_alice().await?;
        // Moves the clock instead of waiting two minutes.
        fixture.browser.set_clock(70).await?;
        let warning = fixture
            .browser
            .get_by_role(Role::Region, "Session about to end");
        warning.wait_for_text("You will be signed out in").await?;
        warning
            .get_by_role(Role::Button, "Stay signed in")
            .click()
            .await?;
        warning.wait_until_gone().await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.browser.set_clock(70 + 130).await?;
        fixture.signed_out().heading().element().await?;
        let main = "return document.getElementById('main').innerText";
        let said = fixture.browser.evaluate(main, Vec::new()).await?;
        ensure!(
            said.to_string()
                .contains("this page was idle for 2 minutes"),
            "{said}"
        );
        Ok(())
    })
}
