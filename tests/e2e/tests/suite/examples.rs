//! The examples in a browser: each signs in, calls a route and signs out.

use anyhow::{Result, ensure};
use velvet_rope_e2e::browser::{Locator, Role};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::test_name;

/// What the protected route answers.
const ANSWER: &str = "You're past the velvet rope!";

fn button<'a>(fixture: &'a Fixture, name: &str) -> Locator<'a> {
    fixture.browser.get_by_role(Role::Button, name)
}

/// Signs the demo user in with the button of the example.
async fn sign_in(fixture: &Fixture) -> Result<()> {
    fixture.open("/").await?;
    button(fixture, "Sign in").click().await?;
    fixture.hosted_ui().wait().await?;
    fixture.sign_in_at_hosted_ui().await
}

/// The status of an example that has one.
async fn wait_for_status(fixture: &Fixture, text: &str) -> Result<()> {
    let status = fixture.browser.first_by_role(Role::Status);
    status.wait_for_text(text).await?;
    Ok(())
}

#[test]
fn the_minimal_example_calls_the_protected_route() -> TestResult {
    let setup = Setup::direct().example("minimal");
    browser_test(test_name!(), setup, async |fixture| {
        sign_in(fixture).await?;
        let user = button(fixture, &fixture.environment.demo_user);
        user.element().await?;
        button(fixture, "Call the protected route").click().await?;
        wait_for_status(fixture, ANSWER).await?;
        user.click().await?;
        button(fixture, "Sign out").click().await?;
        button(fixture, "Sign in").element().await?;
        user.wait_until_gone().await
    })
}

#[test]
fn the_plain_example_needs_no_leptos() -> TestResult {
    let setup = Setup::direct().example("plain");
    browser_test(test_name!(), setup, async |fixture| {
        sign_in(fixture).await?;
        let name = &fixture.environment.demo_user;
        wait_for_status(fixture, &format!("You are signed in as {name}.")).await?;
        button(fixture, "Call the protected route").click().await?;
        let answer = fixture.browser.get_by_role(Role::Status, "Answer");
        answer.wait_for_text(ANSWER).await?;
        button(fixture, "Sign out").click().await?;
        wait_for_status(fixture, "You are not signed in.").await
    })
}

#[test]
fn the_routes_example_returns_to_the_guarded_page() -> TestResult {
    let setup = Setup::with_trusted_provider(Settings::default())
        .parts()
        .example("routes");
    browser_test(test_name!(), setup, async |fixture| {
        // The guard leads to the provider by itself.
        fixture.open("/orders/7").await?;
        fixture
            .provider_pages()
            .sign_in("alice", "any password")
            .await?;
        let order = fixture.browser.get_by_role(Role::Heading, "Order 7");
        order.element().await?;
        let address = fixture.browser.url().await?;
        ensure!(address.path() == "/orders/7", "the address is {address}");
        wait_for_status(fixture, "The API answered 200.").await?;
        button(fixture, ALICE).click().await?;
        button(fixture, "Sign out").click().await?;
        fixture
            .browser
            .get_by_role(Role::Heading, "You are signed out")
            .element()
            .await?;
        Ok(())
    })
}
