//! Sign-in, and the first calls.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::json;
use velvet_rope_e2e::browser::{Capability, Engine};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::RequestKind;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

/// Signs in from a path of the site and checks that this is where it ends.
async fn sign_in_returns_to(fixture: &Fixture, path: &str) -> Result<()> {
    fixture.open(path).await?;
    fixture.sign_in_from_here().await?;
    fixture.browser.wait_for_url(&fixture.site.url(path)).await
}

#[test]
fn a_signed_in_user_calls_the_protected_route_with_the_own_identity() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        fixture.sign_in().await?;
        let user_id = fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        let body = fixture.home().protected_route().call().await?.ok()?;
        ensure!(body["message"] == "You're past the velvet rope!", "{body}");
        for member in ["identity_id", "user_sub", "role"] {
            ensure!(body["caller"][member].is_string(), "no {member} in {body}");
        }
        ensure!(
            body["caller"]["user_sub"] == user_id.as_str(),
            "signed in as {user_id}, called as {body}"
        );
        Ok(())
    })
}

#[test]
fn a_sign_in_and_a_first_call_send_each_request_once() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let identity_requests = || {
            (
                fixture.proxy.count(RequestKind::GET_ID),
                fixture.proxy.count(RequestKind::GET_CREDENTIALS),
            )
        };
        ensure!(
            identity_requests() == (0, 0),
            "credentials were fetched before the first call"
        );
        fixture.home().protected_route().call().await?.ok()?;
        fixture.home().protected_route().call().await?.ok()?;
        ensure!(
            identity_requests() == (1, 1),
            "GetId and GetCredentialsForIdentity: {:?}",
            identity_requests()
        );
        ensure!(
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
            "the token endpoint was asked {}",
            fixture.proxy.count(RequestKind::USER_POOL_TOKEN)
        );
        ensure!(
            fixture.proxy.count(RequestKind::PROTECTED_ROUTE) == 2,
            "the route was called more often than the button"
        );
        let preflights = fixture
            .proxy
            .requests()
            .into_iter()
            .filter(|seen| seen.method == Method::OPTIONS);
        let preflights: Vec<String> = preflights.map(|seen| seen.path).collect();
        ensure!(
            !preflights.iter().any(|path| path == "/oauth2/token"),
            "the token request cost a preflight"
        );
        Ok(())
    })
}

/// The requests from the callback to the first signed answer, with preflights.
async fn requests_to_the_first_answer(fixture: &Fixture) -> Result<Vec<String>> {
    fixture.home().protected_route().call().await?.ok()?;
    let requests = fixture.proxy.requests().into_iter();
    let requests = requests.map(|seen| format!("{} {}", seen.method, seen.path));
    // The browser itself opens the pages of the hosted UI.
    let pages = ["/oauth2/authorize", "/login", "/logout", "/favicon.ico"];
    let of_the_app = |seen: &String| !pages.iter().any(|page| seen.ends_with(page));
    Ok(requests.filter(of_the_app).collect())
}

#[test]
fn a_sign_in_needs_seven_requests_to_the_first_signed_answer_and_later_six() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let first = requests_to_the_first_answer(fixture).await?;
        // Firefox asks before each of the two requests to the identity pool whether it may send it, Chromium before the first.
        let more = usize::from(fixture.browser.engine() != Engine::Chromium);
        ensure!(first.len() <= 7 + more, "the first sign-in: {first:#?}");
        fixture
            .header()
            .start_sign_out(&fixture.environment.demo_user)
            .await?;
        fixture.signed_out().heading().element().await?;
        fixture.proxy.clear_requests();
        fixture.sign_in().await?;
        let second = requests_to_the_first_answer(fixture).await?;
        ensure!(second.len() <= 6 + more, "the second sign-in: {second:#?}");
        let has_keys = |seen: &String| seen.ends_with("/jwks.json");
        ensure!(first.iter().any(has_keys), "no keys: {first:#?}");
        ensure!(!second.iter().any(has_keys), "keys again: {second:#?}");
        Ok(())
    })
}

#[test]
fn two_calls_at_once_fetch_credentials_once() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let mut config = fixture.config.clone();
        let twin =
            json!({ "name": "Its twin", "method": "GET", "path": "/require-auth", "auth": "iam" });
        config["api"]["routes"]
            .as_array_mut()
            .map(|routes| routes.push(twin))
            .unwrap_or_default();
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.sign_in().await?;
        let press_both = "
            for (const name of ['Protected route', 'Its twin']) {
                document.querySelector(`[aria-label='Call ${name}']`).click();
            }";
        fixture.browser.evaluate(press_both, Vec::new()).await?;
        for name in ["Protected route", "Its twin"] {
            fixture.home().card(name).outcome().await?.ok()?;
        }
        ensure!(
            fixture.proxy.count(RequestKind::GET_ID) == 1,
            "{:?}",
            fixture.proxy.requests()
        );
        ensure!(
            fixture.proxy.count(RequestKind::GET_CREDENTIALS) == 1,
            "{:?}",
            fixture.proxy.requests()
        );
        Ok(())
    })
}

#[test]
fn a_sign_in_returns_to_the_card_that_started_it() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        sign_in_returns_to(fixture, "/#protected-route").await?;
        fixture.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_sign_in_returns_to_any_path_with_query_and_fragment() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        sign_in_returns_to(fixture, "/somewhere?x=1#y").await?;
        fixture.not_found().heading().element().await?;
        Ok(())
    })
}

#[test]
fn sign_in_works_after_going_back_from_the_hosted_ui() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default()
            .needs(Capability::BackAcrossOrigins)
            .with_interface(),
        async |fixture| {
            fixture.open("/").await?;
            fixture
                .browser
                .evaluate("window.isTheSamePage = true;", Vec::new())
                .await?;
            fixture.header().start_sign_in().await?;
            fixture.browser.client().back().await?;
            fixture.home().wait_for_guest().await?;
            let same = fixture
                .browser
                .evaluate("return window.isTheSamePage ?? false;", Vec::new())
                .await?;
            let keeps_pages = fixture.browser.engine().has(Capability::BackForwardCache);
            ensure!(
                !keeps_pages || same == true,
                "the browser loaded the page anew, so its back/forward cache was not tried"
            );
            fixture.sign_in_from_here().await?;
            fixture
                .home()
                .user_id(&fixture.environment.demo_user)
                .await?;
            Ok(())
        },
    )
}
