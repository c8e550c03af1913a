//! One session for all tabs of a browser.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use velvet_rope_e2e::browser::Tab;
use velvet_rope_e2e::here;
use velvet_rope_e2e::kept::Kept;
use velvet_rope_e2e::oidc::{Asked, Fault, Settings};
use velvet_rope_e2e::stage::{ALICE, Setup, Stage, Verdict, play};
use velvet_rope_e2e::wait::{eventually, eventually_within};

use crate::renewal::renewed_once_more;

/// How long a scenario may take that has to wait for many renewals.
const LIMIT: Duration = Duration::from_mins(4);

fn lifetime(seconds: u32) -> Settings {
    Settings::default()
        .id_token_lifetime(seconds)
        .access_token_lifetime(seconds)
}

/// Opens one more tab and waits until it knows who is signed in.
async fn open_tab(stage: &Stage) -> Result<Tab> {
    let tab = stage.browser.open_tab(&stage.site.url("/")).await?;
    stage.header().wait_for_user(ALICE).await?;
    Ok(tab)
}

/// The ID token of the tab at hand.
async fn id_token(stage: &Stage) -> Result<Value> {
    Ok(Kept::of(&stage.browser).await?.record()?["id_token"].clone())
}

/// Checks that each tab is signed in, with the tokens that the tab at hand has.
async fn all_hold_the_same(stage: &Stage, tabs: &[Tab]) -> Result<()> {
    let expected = id_token(stage).await?;
    for (index, tab) in tabs.iter().enumerate() {
        stage.browser.switch_to(tab).await?;
        stage.header().wait_for_user(ALICE).await?;
        eventually(&format!("the tokens in tab {index}"), async || {
            Ok((id_token(stage).await? == expected).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Opens eight tabs and waits for this many renewals; then checks that each was one request, made with what the one
/// before it had brought, and that every tab has what the last one brought.
async fn renew_among_tabs(
    stage: &Stage,
    renewals: usize,
    on_open: &str,
    when_open: &str,
) -> Result<()> {
    const TABS: usize = 8;
    let provider = stage.provider()?;
    stage.sign_in_alice().await?;
    stage.browser.run(on_open, Vec::new()).await?;
    let mut tabs = vec![stage.browser.tab().await?];
    while tabs.len() < TABS {
        tabs.push(open_tab(stage).await?);
        stage.browser.run(on_open, Vec::new()).await?;
    }
    stage.browser.run(when_open, Vec::new()).await?;
    let before = provider.count(Asked::Refresh).await?;
    let wait_for = async |times: usize| {
        eventually_within(LIMIT, &format!("{times} renewals"), async || {
            Ok((provider.count(Asked::Refresh).await? >= before + times).then_some(()))
        })
        .await
    };
    wait_for(renewals - 1).await?;
    // The last renewal brings tokens that hold for longer than the scenario lasts.
    provider.change(&lifetime(3_600)).await?;
    wait_for(renewals).await?;
    provider.check_no_token_was_sent_twice().await?;
    eventually("the last tokens", async || {
        let record = Kept::of(&stage.browser).await?.record()?;
        let script = "return arguments[0] * 1000 > Date.now() + 60e3;";
        let new = stage.browser.run(script, vec![record["expires"].clone()]);
        Ok((new.await? == Value::Bool(true)).then_some(()))
    })
    .await?;
    all_hold_the_same(stage, &tabs).await?;
    provider.check_refreshes(before + renewals).await?;
    for pair in provider.seen(Asked::Refresh).await?.windows(2) {
        ensure!(
            pair[1].parameter("refresh_token") == pair[0].issued_refresh_token.as_deref(),
            "{pair:#?}"
        );
    }
    let codes = provider.count(Asked::Code).await?;
    ensure!(codes == 1, "a tab signed in by itself");
    Ok(())
}

#[test]
fn eight_tabs_over_twenty_renewals_send_twenty_requests_and_none_is_signed_out() -> Verdict {
    let setup = Setup::with_provider(lifetime(5)).limit(LIMIT);
    play(here!(), setup, async |stage| {
        renew_among_tabs(stage, 20, "", "").await
    })
}

#[test]
fn eight_tabs_that_wake_up_at_the_same_moment_send_one_request_for_each_renewal() -> Verdict {
    // All tabs have their network back at once, again and again: also when it is just time to renew.
    const LISTEN: &str = "
        const everybody = new BroadcastChannel('the tests');
        everybody.onmessage = () => dispatchEvent(new Event('online'));
        window.wakeEverybody = () => {
            everybody.postMessage('wake up');
            dispatchEvent(new Event('online'));
        };";
    const WAKE: &str = "setInterval(window.wakeEverybody, 100);";
    let setup = Setup::with_provider(lifetime(5)).limit(LIMIT);
    play(here!(), setup, async |stage| {
        renew_among_tabs(stage, 8, LISTEN, WAKE).await
    })
}

#[test]
fn a_new_tab_is_signed_in_by_the_others_and_nothing_is_left_where_all_sites_tabs_can_read()
-> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let provider = stage.provider()?;
            stage.sign_in_alice().await?;
            let first = id_token(stage).await?;
            provider.forget().await?;
            open_tab(stage).await?;
            ensure!(id_token(stage).await? == first, "other tokens");
            let kept = Kept::of(&stage.browser).await?;
            ensure!(kept.local.is_empty(), "{kept:?}");
            let asked = provider.log().await?;
            ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
            Ok(())
        },
    )
}

#[test]
fn a_tab_and_its_copy_renew_together() -> Verdict {
    play(here!(), Setup::with_provider(lifetime(6)), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        let first = stage.browser.tab().await?;
        let copy = stage.browser.open_copy(&stage.site.url("/")).await?;
        stage.header().wait_for_user(ALICE).await?;
        for _ in 0..2 {
            renewed_once_more(stage).await?;
        }
        provider.change(&lifetime(3_600)).await?;
        renewed_once_more(stage).await?;
        all_hold_the_same(stage, &[first, copy]).await?;
        let refreshes = provider.count(Asked::Refresh).await?;
        provider.check_refreshes(refreshes).await?;
        ensure!(provider.count(Asked::Code).await? == 1, "signed in twice");
        Ok(())
    })
}

#[test]
fn signing_out_in_one_tab_signs_out_in_all_and_signing_in_signs_in_in_all() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let provider = stage.provider()?;
            stage.sign_in_alice().await?;
            let mut others = vec![stage.browser.tab().await?];
            others.push(open_tab(stage).await?);
            let last = open_tab(stage).await?;
            stage.header().start_sign_out(ALICE).await?;
            stage.signed_out().heading().element().await?;
            for tab in &others {
                stage.browser.switch_to(tab).await?;
                stage.header().wait_for_guest().await?;
                let kept = Kept::of(&stage.browser).await?;
                kept.holds_none_of(&provider.secrets().await?)?;
            }
            ensure!(
                provider.count(Asked::Revocation).await? == 1,
                "not one revocation"
            );
            stage.browser.client().refresh().await?;
            stage.header().wait_for_guest().await?;

            stage.browser.switch_to(&last).await?;
            stage.signed_out().sign_in_again().click().await?;
            stage
                .provider_pages()
                .sign_in("bob", "any password")
                .await?;
            stage.header().wait_for_user("Bob").await?;
            for tab in &others {
                stage.browser.switch_to(tab).await?;
                stage.header().wait_for_user("Bob").await?;
                stage.home().user_id("Bob").await?;
            }
            ensure!(
                provider.count(Asked::Code).await? == 2,
                "a tab signed in by itself"
            );
            Ok(())
        },
    )
}

#[test]
fn a_tab_that_was_frozen_while_others_renewed_has_the_new_tokens_when_it_goes_on() -> Verdict {
    play(here!(), Setup::with_provider(lifetime(6)), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        let frozen = stage.browser.tab().await?;
        let other = open_tab(stage).await?;
        stage.browser.switch_to(&frozen).await?;
        stage.browser.freeze().await?;
        stage.browser.switch_to(&other).await?;
        for _ in 0..3 {
            renewed_once_more(stage).await?;
        }
        provider.change(&lifetime(3_600)).await?;
        renewed_once_more(stage).await?;
        all_hold_the_same(stage, &[frozen, other]).await?;
        let refreshes = provider.count(Asked::Refresh).await?;
        provider.check_refreshes(refreshes).await
    })
}

#[test]
fn a_token_that_a_tab_took_to_its_grave_is_not_sent_by_another() -> Verdict {
    play(here!(), Setup::with_provider(lifetime(10)), async |stage| {
        let provider = stage.provider()?;
        provider.set(Asked::Refresh, Fault::HoldReply).await?;
        stage.sign_in_alice().await?;
        let first = stage.browser.tab().await?;
        let second = open_tab(stage).await?;
        stage.browser.switch_to(&first).await?;
        provider.wait_for(1, Asked::Refresh).await?;
        // Whichever of the two sent it: the one that lives on must not.
        let (sender, survivor) = if sends(stage).await? {
            (&first, &second)
        } else {
            (&second, &first)
        };
        stage.browser.switch_to(sender).await?;
        stage.browser.close_tab(survivor).await?;
        stage.header().wait_for_guest().await?;
        ensure!(
            provider.count(Asked::Refresh).await? == 1,
            "the token was sent again"
        );
        Ok(())
    })
}

/// Whether the tab at hand waits for an answer of the token endpoint.
async fn sends(stage: &Stage) -> Result<bool> {
    let script = "
        const done = arguments[0];
        navigator.locks.query().then(({ held, pending }) => done([held, pending].map(
            locks => locks.filter(lock => lock.name.endsWith('lock.renewal')).map(lock => lock.clientId))));";
    let client = stage.browser.client();
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
