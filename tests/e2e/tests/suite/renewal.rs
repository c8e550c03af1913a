//! Automatic token renewal, and the session after a failed renewal.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::{Provider, Settings};
use velvet_rope_e2e::proxy::{Fault, RecordedRequest, RequestKind, StubResponse};
use velvet_rope_e2e::storage::BrowserStorage;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// Token lifetime of renewal tests, in seconds. Tokens are renewed one second earlier.
const SHORT: u32 = 6;

fn short_lived() -> Settings {
    Settings::default()
        .id_token_lifetime(SHORT)
        .access_token_lifetime(SHORT)
}

/// Records every DOM change from now on.
const OBSERVE: &str = "
    window.changes = [];
    new MutationObserver(seen => window.changes.push(...seen.map(one => `${one.type} ${one.target.nodeName}`)))
        .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });";

/// Waits for the next renewal, until the page has the new tokens.
pub(crate) async fn wait_for_renewal(fixture: &Fixture) -> Result<()> {
    let before = revision(fixture).await?;
    let known = fixture.provider()?.proxy.count(RequestKind::REFRESH);
    fixture
        .provider()?
        .proxy
        .wait_for(known + 1, RequestKind::REFRESH)
        .await?;
    eventually("the new tokens", async || {
        Ok((revision(fixture).await? > before).then_some(()))
    })
    .await
}

async fn revision(fixture: &Fixture) -> Result<Option<u64>> {
    Ok(BrowserStorage::read(&fixture.browser).await?.record()?["revision"].as_u64())
}

/// Waits until the current tokens expire.
async fn wait_for_expiry(fixture: &Fixture) -> Result<()> {
    let expires = BrowserStorage::read(&fixture.browser).await?.record()?["expires"].clone();
    let script = "return Date.now() > arguments[0] * 1000;";
    eventually("the tokens to expire", async || {
        let is_over = fixture
            .browser
            .evaluate(script, vec![expires.clone()])
            .await?;
        Ok((is_over == Value::Bool(true)).then_some(()))
    })
    .await
}

/// Refresh token and outcome of each renewal.
fn renewals(provider: &Provider) -> Vec<(String, String)> {
    let seen = provider.proxy.requests_of(RequestKind::REFRESH);
    let pair = |seen: &RecordedRequest| {
        let token = seen.parameter("refresh_token").unwrap_or_default();
        (token.to_owned(), seen.outcome.clone())
    };
    seen.iter().map(pair).collect()
}

/// Signs in again after the session has ended. The session at the provider continues.
async fn sign_in_again(fixture: &Fixture) -> Result<()> {
    fixture.header().sign_in().click().await?;
    fixture.header().wait_for_user(ALICE).await?;
    fixture.home().user_id(ALICE).await?;
    Ok(())
}

#[test]
fn tokens_are_renewed_ahead_of_time_and_nothing_on_the_page_changes_by_it() -> TestResult {
    for rotates in [true, false] {
        let setup = Setup::with_provider(short_lived().rotation(rotates));
        browser_test(test_name!(), setup, async |fixture| {
            let provider = fixture.provider()?;
            fixture.sign_in_alice().await?;
            fixture.home().user_id(ALICE).await?;
            fixture.browser.evaluate(OBSERVE, Vec::new()).await?;
            for _ in 0..3 {
                wait_for_renewal(fixture).await?;
            }
            let changes = fixture
                .browser
                .evaluate("return window.changes;", Vec::new())
                .await?;
            ensure!(changes == json!([]), "renewals changed the page: {changes}");
            let sent = renewals(provider);
            ensure!(sent.iter().all(|(_, outcome)| outcome == "ok"), "{sent:?}");
            if rotates {
                provider.check_no_token_was_sent_twice()?;
            } else {
                ensure!(sent.iter().all(|pair| *pair == sent[0]), "{sent:?}");
            }
            // The observer does work.
            fixture.header().user_menu(ALICE).click().await?;
            let changes = fixture
                .browser
                .evaluate("return window.changes.length;", Vec::new())
                .await?;
            ensure!(changes != json!(0), "the observer saw nothing");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn an_unavailable_provider_is_retried_later_with_the_same_token() -> TestResult {
    let setup = Setup::with_provider(short_lived());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        for status in [503, 429] {
            let fault = Fault::Respond(StubResponse::json(status, &json!({})));
            provider.proxy.inject_times(1, RequestKind::REFRESH, fault);
        }
        fixture.sign_in_alice().await?;
        provider.proxy.wait_for(3, RequestKind::REFRESH).await?;
        wait_for_renewal(fixture).await?;
        let sent = renewals(provider);
        let outcomes: Vec<&str> = sent.iter().map(|(_, outcome)| outcome.as_str()).collect();
        ensure!(
            outcomes[..4] == ["http 429", "http 503", "ok", "ok"],
            "{outcomes:?}"
        );
        ensure!(sent[0].0 == sent[2].0, "another token: {sent:?}");
        fixture.home().user_id(ALICE).await?;
        Ok(())
    })
}

#[test]
fn a_session_that_the_provider_ends_is_over_at_once_and_the_page_says_so() -> TestResult {
    let setup = Setup::with_provider(short_lived());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        provider.revoke_grants().await?;
        fixture
            .home()
            .auth_state()
            .wait_for_text("Your session has ended")
            .await?;
        fixture.header().wait_for_guest().await?;
        let kept = BrowserStorage::read(&fixture.browser).await?;
        kept.contains_none_of(&provider.proxy.secrets())?;
        let sent = renewals(provider);
        ensure!(sent.len() == 1 && sent[0].1 == "invalid_grant", "{sent:?}");
        sign_in_again(fixture).await?;
        wait_for_renewal(fixture).await
    })
}

#[test]
fn a_renewal_with_a_lost_response_is_never_sent_again() -> TestResult {
    const HOUR: i64 = 60 * 60;
    let setup = Setup::with_provider(Settings::default());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        provider
            .proxy
            .inject_times(1, RequestKind::REFRESH, Fault::DropResponse);
        fixture.sign_in_alice().await?;
        // One minute before the tokens end.
        fixture.browser.set_clock(HOUR - 60).await?;
        provider.proxy.wait_for(1, RequestKind::REFRESH).await?;
        // The current tokens are still valid, also after a reload.
        fixture.home().user_id(ALICE).await?;
        fixture.browser.client().refresh().await?;
        fixture.home().user_id(ALICE).await?;
        fixture.browser.set_clock(HOUR + 60).await?;
        fixture
            .home()
            .auth_state()
            .wait_for_text("Your session has ended: the answer to its last renewal got lost")
            .await?;
        fixture.header().wait_for_guest().await?;
        fixture.browser.client().refresh().await?;
        fixture.header().wait_for_guest().await?;
        let sent = renewals(provider);
        ensure!(sent.len() == 1, "{sent:?}");
        fixture.browser.set_clock(0).await?;
        sign_in_again(fixture).await?;
        provider.check_no_token_was_sent_twice()
    })
}

#[test]
fn without_rotation_a_renewal_with_a_lost_response_is_retried() -> TestResult {
    let setup = Setup::with_provider(short_lived().rotation(false))
        .config(|config| config["oidc"]["refresh_token_rotation"] = json!(false));
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        provider
            .proxy
            .inject_times(1, RequestKind::REFRESH, Fault::DropResponse);
        fixture.sign_in_alice().await?;
        provider.proxy.wait_for(2, RequestKind::REFRESH).await?;
        wait_for_renewal(fixture).await?;
        let sent = renewals(provider);
        ensure!(
            sent.iter().all(|(token, _)| *token == sent[0].0),
            "{sent:?}"
        );
        fixture.home().user_id(ALICE).await?;
        Ok(())
    })
}

#[test]
fn an_offline_session_resumes_when_the_network_returns() -> TestResult {
    let setup = Setup::with_provider(short_lived());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        fixture.browser.set_offline(true).await?;
        let before = provider.proxy.count(RequestKind::REFRESH);
        wait_for_expiry(fixture).await?;
        fixture.home().user_id(ALICE).await?;
        ensure!(
            provider.proxy.count(RequestKind::REFRESH) == before,
            "a request came through"
        );
        fixture.browser.set_offline(false).await?;
        wait_for_renewal(fixture).await?;
        fixture.home().user_id(ALICE).await?;
        provider.check_no_token_was_sent_twice()
    })
}

#[test]
fn a_reload_while_the_provider_is_down_keeps_a_session_whose_tokens_have_expired() -> TestResult {
    let setup = Setup::with_provider(short_lived());
    browser_test(test_name!(), setup, async |fixture| {
        let provider = fixture.provider()?;
        provider.proxy.inject(
            RequestKind::REFRESH,
            Fault::Respond(StubResponse::json(503, &json!({}))),
        );
        fixture.sign_in_alice().await?;
        wait_for_expiry(fixture).await?;
        fixture.browser.client().refresh().await?;
        fixture.home().user_id(ALICE).await?;
        provider.proxy.clear_faults();
        wait_for_renewal(fixture).await?;
        fixture.home().user_id(ALICE).await?;
        Ok(())
    })
}
