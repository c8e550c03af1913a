//! One session for all tabs of a browser.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use velvet_rope_e2e::browser::{Capability, Tab};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind};
use velvet_rope_e2e::storage::BrowserStorage;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::{eventually, eventually_within};

use crate::renewal::wait_for_renewal;

/// Timeout of a test with many renewals.
const LIMIT: Duration = Duration::from_mins(4);

fn lifetime(seconds: u32) -> Settings {
    Settings::default()
        .id_token_lifetime(seconds)
        .access_token_lifetime(seconds)
}

/// Tabs that are hidden behind the current one, as only a browser with its interface has them.
fn several_tabs(settings: Settings) -> Setup {
    Setup::with_provider(settings).with_interface()
}

/// Opens a tab and waits until it shows the user.
async fn open_tab(fixture: &Fixture) -> Result<Tab> {
    let tab = fixture.browser.open_tab(&fixture.site.url("/")).await?;
    fixture.header().wait_for_user(ALICE).await?;
    Ok(tab)
}

/// The ID token of the current tab.
async fn id_token(fixture: &Fixture) -> Result<Value> {
    Ok(BrowserStorage::read(&fixture.browser).await?.record()?["id_token"].clone())
}

/// Checks that each tab is signed in with the tokens of the current tab.
async fn check_same_tokens(fixture: &Fixture, tabs: &[Tab]) -> Result<()> {
    let expected = id_token(fixture).await?;
    for (index, tab) in tabs.iter().enumerate() {
        fixture.browser.switch_to(tab).await?;
        fixture.header().wait_for_user(ALICE).await?;
        eventually(&format!("the tokens in tab {index}"), async || {
            Ok((id_token(fixture).await? == expected).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Opens eight tabs and waits for this many renewals. Then checks that each was one request with the refresh token of
/// the renewal before, and that every tab has the last tokens.
async fn renew_among_tabs(
    fixture: &Fixture,
    renewals: usize,
    on_open: &str,
    when_open: &str,
) -> Result<()> {
    const TABS: usize = 8;
    let provider = fixture.provider()?;
    fixture.sign_in_alice().await?;
    fixture.browser.evaluate(on_open, Vec::new()).await?;
    let mut tabs = vec![fixture.browser.tab().await?];
    while tabs.len() < TABS {
        tabs.push(open_tab(fixture).await?);
        fixture.browser.evaluate(on_open, Vec::new()).await?;
    }
    fixture.browser.evaluate(when_open, Vec::new()).await?;
    let before = provider.proxy.count(RequestKind::REFRESH);
    let wait_for = async |times: usize| {
        eventually_within(LIMIT, &format!("{times} renewals"), async || {
            Ok((provider.proxy.count(RequestKind::REFRESH) >= before + times).then_some(()))
        })
        .await
    };
    wait_for(renewals - 1).await?;
    // The tokens of the last renewal outlive the test.
    provider.change(&lifetime(3_600)).await?;
    wait_for(renewals).await?;
    provider.check_no_token_was_sent_twice()?;
    eventually("the last tokens", async || {
        let record = BrowserStorage::read(&fixture.browser).await?.record()?;
        let script = "return arguments[0] * 1000 > Date.now() + 60e3;";
        let new = fixture
            .browser
            .evaluate(script, vec![record["expires"].clone()]);
        Ok((new.await? == Value::Bool(true)).then_some(()))
    })
    .await?;
    check_same_tokens(fixture, &tabs).await?;
    provider.check_refreshes(before + renewals)?;
    for pair in provider.proxy.requests_of(RequestKind::REFRESH).windows(2) {
        ensure!(
            pair[1].parameter("refresh_token") == pair[0].issued_refresh_token.as_deref(),
            "{pair:#?}"
        );
    }
    let codes = provider.proxy.count(RequestKind::CODE);
    ensure!(codes == 1, "a tab signed in by itself");
    Ok(())
}

#[test]
fn eight_tabs_over_twenty_renewals_send_twenty_requests_and_none_is_signed_out() -> TestResult {
    let setup = several_tabs(lifetime(5)).limit(LIMIT);
    browser_test(test_name!(), setup, async |fixture| {
        renew_among_tabs(fixture, 20, "", "").await
    })
}

#[test]
fn eight_tabs_that_wake_up_together_send_one_request_for_each_renewal() -> TestResult {
    // All tabs get `online` events at once, also when a renewal is due.
    const LISTEN: &str = "
        const channel = new BroadcastChannel('the tests');
        channel.onmessage = () => dispatchEvent(new Event('online'));
        window.wakeAll = () => {
            channel.postMessage('wake up');
            dispatchEvent(new Event('online'));
        };";
    const WAKE: &str = "setInterval(window.wakeAll, 100);";
    let setup = several_tabs(lifetime(5)).limit(LIMIT);
    browser_test(test_name!(), setup, async |fixture| {
        renew_among_tabs(fixture, 8, LISTEN, WAKE).await
    })
}

#[test]
fn a_new_tab_gets_the_session_from_other_tabs_and_not_from_local_storage() -> TestResult {
    browser_test(
        test_name!(),
        several_tabs(Settings::default()),
        async |fixture| {
            let provider = fixture.provider()?;
            fixture.sign_in_alice().await?;
            let first = id_token(fixture).await?;
            provider.proxy.clear_requests();
            open_tab(fixture).await?;
            ensure!(id_token(fixture).await? == first, "other tokens");
            let kept = BrowserStorage::read(&fixture.browser).await?;
            ensure!(kept.local_keys() == ["velvet-rope.jwks"], "{kept:?}");
            let asked = provider.proxy.requests();
            ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
            Ok(())
        },
    )
}

#[test]
fn a_tab_and_its_duplicate_share_renewals() -> TestResult {
    browser_test(test_name!(), several_tabs(lifetime(6)), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        let first = fixture.browser.tab().await?;
        let copy = fixture
            .browser
            .duplicate_tab(&fixture.site.url("/"))
            .await?;
        fixture.header().wait_for_user(ALICE).await?;
        for _ in 0..2 {
            wait_for_renewal(fixture).await?;
        }
        provider.change(&lifetime(3_600)).await?;
        wait_for_renewal(fixture).await?;
        check_same_tokens(fixture, &[first, copy]).await?;
        let refreshes = provider.proxy.count(RequestKind::REFRESH);
        provider.check_refreshes(refreshes)?;
        ensure!(
            provider.proxy.count(RequestKind::CODE) == 1,
            "signed in twice"
        );
        Ok(())
    })
}

#[test]
fn signing_out_or_in_applies_to_all_tabs() -> TestResult {
    browser_test(
        test_name!(),
        several_tabs(Settings::default()),
        async |fixture| {
            let provider = fixture.provider()?;
            fixture.sign_in_alice().await?;
            let mut others = vec![fixture.browser.tab().await?];
            others.push(open_tab(fixture).await?);
            let last = open_tab(fixture).await?;
            fixture.header().start_sign_out(ALICE).await?;
            fixture.signed_out().heading().element().await?;
            for tab in &others {
                fixture.browser.switch_to(tab).await?;
                fixture.header().wait_for_guest().await?;
                let kept = BrowserStorage::read(&fixture.browser).await?;
                kept.contains_none_of(&provider.proxy.secrets())?;
            }
            ensure!(
                provider.proxy.count(RequestKind::REVOCATION) == 1,
                "not one revocation"
            );
            fixture.browser.client().refresh().await?;
            fixture.header().wait_for_guest().await?;

            fixture.browser.switch_to(&last).await?;
            fixture.signed_out().sign_in_again().click().await?;
            fixture
                .provider_pages()
                .sign_in("bob", "any password")
                .await?;
            fixture.header().wait_for_user("Bob").await?;
            for tab in &others {
                fixture.browser.switch_to(tab).await?;
                fixture.header().wait_for_user("Bob").await?;
                fixture.home().user_id("Bob").await?;
            }
            ensure!(
                provider.proxy.count(RequestKind::CODE) == 2,
                "a tab signed in by itself"
            );
            Ok(())
        },
    )
}

#[test]
fn a_frozen_tab_has_the_new_tokens_when_it_resumes() -> TestResult {
    browser_test(
        test_name!(),
        several_tabs(lifetime(6)).needs(Capability::FrozenPages),
        async |fixture| {
            let provider = fixture.provider()?;
            fixture.sign_in_alice().await?;
            let frozen = fixture.browser.tab().await?;
            let other = open_tab(fixture).await?;
            fixture.browser.switch_to(&frozen).await?;
            fixture.browser.freeze().await?;
            fixture.browser.switch_to(&other).await?;
            for _ in 0..3 {
                wait_for_renewal(fixture).await?;
            }
            provider.change(&lifetime(3_600)).await?;
            wait_for_renewal(fixture).await?;
            check_same_tokens(fixture, &[frozen, other]).await?;
            let refreshes = provider.proxy.count(RequestKind::REFRESH);
            provider.check_refreshes(refreshes)
        },
    )
}

#[test]
fn a_refresh_token_of_a_closed_tab_is_not_sent_by_another() -> TestResult {
    browser_test(test_name!(), several_tabs(lifetime(10)), async |fixture| {
        let provider = fixture.provider()?;
        provider
            .proxy
            .inject(RequestKind::REFRESH, Fault::HoldResponse);
        fixture.sign_in_alice().await?;
        let first = fixture.browser.tab().await?;
        let second = open_tab(fixture).await?;
        fixture.browser.switch_to(&first).await?;
        provider.proxy.wait_for(1, RequestKind::REFRESH).await?;
        // Either tab may have sent it; the other must not send it again.
        let (sender, survivor) = if sends(fixture).await? {
            (&first, &second)
        } else {
            (&second, &first)
        };
        fixture.browser.switch_to(sender).await?;
        fixture.browser.close_tab(survivor).await?;
        fixture.header().wait_for_guest().await?;
        ensure!(
            provider.proxy.count(RequestKind::REFRESH) == 1,
            "the token was sent again"
        );
        Ok(())
    })
}

/// Whether the current tab holds the renewal lock.
async fn sends(fixture: &Fixture) -> Result<bool> {
    let script = "
        const done = arguments[0];
        navigator.locks.query().then(({ held, pending }) => done([held, pending].map(
            locks => locks.filter(lock => lock.name.endsWith('lock.renewal')).map(lock => lock.clientId))));";
    let client = fixture.browser.client();
    let locks = client.execute_async(script, Vec::new()).await?;
    let own = "
        const done = arguments[0];
        navigator.locks.request(`own ${Math.random()}`, async lock => {
            const { held } = await navigator.locks.query();
            done(held.find(one => one.name === lock.name).clientId);
        });";
    let own = client.execute_async(own, Vec::new()).await?;
    Ok(locks[0][0] == own)
}
