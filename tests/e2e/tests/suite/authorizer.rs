//! The bearer routes behind the custom authorizer: for users of the user pool and for users of the other
//! provider that the system trusts.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually_within;

const BEARER_ROUTES: [&str; 2] = ["Token route", "Request route"];

/// The authorizer fetches the keys of an issuer at most once a minute for an unknown key id.
const NEW_KEYS_WITHIN: Duration = Duration::from_secs(90);
const LIMIT: Duration = Duration::from_mins(6);

fn with_trusted_provider(provider: Settings) -> Setup {
    Setup::with_trusted_provider(provider).parts().limit(LIMIT)
}

/// Calls a route until the authorizer knows the signing key of the token, and returns the response.
async fn call_until_known(fixture: &Fixture, route: &str) -> Result<Value> {
    let card = fixture.home().card(route);
    let what = format!("{route} to know the key");
    let outcome = eventually_within(NEW_KEYS_WITHIN, &what, async || {
        let outcome = card.call().await?;
        // 401 while the key is unknown; 500 while the authorizer has no keys at all.
        let waits = ["401 Unauthorized", "500 Internal Server Error"];
        if outcome
            .status
            .as_deref()
            .is_some_and(|status| waits.contains(&status))
        {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Ok(None);
        }
        Ok(Some(outcome))
    });
    outcome.await?.ok()
}

/// Calls both bearer routes, whose responses must have this subject and issuer.
async fn call_both(fixture: &Fixture, sub: &str, issuer: &str) -> Result<()> {
    for route in BEARER_ROUTES {
        let said = call_until_known(fixture, route).await?;
        let caller = &said["caller"];
        ensure!(
            caller["sub"] == sub && caller["issuer"] == issuer,
            "{route} says {said}"
        );
    }
    Ok(())
}

/// Renews Alice's tokens, and returns to the start page.
async fn renew(fixture: &Fixture) -> Result<()> {
    fixture.header().user_menu(ALICE).click().await?;
    let link = fixture
        .header()
        .account()
        .get_by_role(Role::Link, "Session");
    link.click().await?;
    fixture.session_page().renew("The tokens are new.").await?;
    fixture
        .browser
        .get_by_role(Role::Link, "Velvet Rope")
        .click()
        .await?;
    fixture.home().heading().element().await?;
    Ok(())
}

#[test]
fn a_user_of_the_user_pool_can_call_both_bearer_routes() -> TestResult {
    browser_test(test_name!(), Setup::default().parts(), async |fixture| {
        fixture.sign_in().await?;
        let pool = fixture.config["user_pool"]["id"]
            .as_str()
            .unwrap_or_default();
        let issuer = format!("https://cognito-idp.eu-west-1.amazonaws.com/{pool}");
        let sub = fixture
            .home()
            .user_id(&fixture.environment.demo_user)
            .await?;
        call_both(fixture, &sub, &issuer).await
    })
}

#[test]
fn a_user_of_the_trusted_provider_can_call_every_route_across_key_rotation_and_outage() -> TestResult
{
    let setup = with_trusted_provider(Settings::default());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        fixture.home().open_route().call().await?.ok()?;
        call_both(fixture, "alice", provider.issuer()).await?;
        // The identity pool lists the provider.
        fixture.home().protected_route().call().await?.ok()?;

        provider.rotate_keys(true).await?;
        renew(fixture).await?;
        call_both(fixture, "alice", provider.issuer()).await?;

        let down = StubResponse::text(503, "down");
        provider
            .proxy
            .inject(RequestKind::KEYS, Fault::Respond(down));
        renew(fixture).await?;
        provider.proxy.clear_requests();
        // Known keys are cached, so the calls succeed at once.
        for route in BEARER_ROUTES {
            fixture.home().card(route).call().await?.ok()?;
        }
        let asked = provider.proxy.count(RequestKind::KEYS);
        ensure!(asked == 0, "the authorizer asked {asked} times for keys");
        Ok(())
    })
}

#[test]
fn a_token_without_the_scope_of_a_route_is_refused_there_and_the_page_explains_it() -> TestResult {
    let setup = with_trusted_provider(Settings::default())
        .config(|config| config["oidc"]["scopes"] = json!(["openid", "offline_access"]));
    browser_test(test_name!(), setup, async |fixture| {
        fixture.open("/").await?;
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().user_menu("alice").element().await?;
        call_until_known(fixture, "Token route").await?;
        let refused = fixture.home().card("Request route").call().await?;
        let status = refused.status.as_deref();
        ensure!(status == Some("403 Forbidden"), "{refused:?}");
        let notice = refused.notice.context("no notice")?;
        notice.contains_text("does not open this route")?;
        Ok(())
    })
}

#[test]
fn a_token_for_another_api_is_refused_and_the_page_offers_to_sign_in() -> TestResult {
    let setup = with_trusted_provider(Settings::default());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        call_both(fixture, "alice", provider.issuer()).await?;
        let elsewhere = Settings::default().audience("https://elsewhere.example");
        provider.change(&elsewhere).await?;
        // A refresh token keeps its audience; only a new sign-in gets the other.
        fixture.header().start_sign_out(ALICE).await?;
        fixture.signed_out().heading().element().await?;
        fixture.sign_in_alice().await?;
        for route in BEARER_ROUTES {
            let notice = fixture.home().card(route).call_expecting_notice().await?;
            ensure!(
                notice.title == "The authorizer does not accept the token",
                "{notice:?}"
            );
            notice.has_buttons(&["Sign in"])?;
        }
        Ok(())
    })
}

#[test]
fn nothing_is_sent_to_a_bearer_route_for_a_guest() -> TestResult {
    browser_test(test_name!(), Setup::default().parts(), async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        for route in BEARER_ROUTES {
            let notice = fixture.home().card(route).call_expecting_notice().await?;
            notice.has_buttons(&["Sign in"])?;
        }
        let seen = fixture.proxy.requests();
        ensure!(seen.is_empty(), "{seen:?}");
        Ok(())
    })
}
