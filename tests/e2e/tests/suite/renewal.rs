//! Renewing the tokens while nobody does anything, and what becomes of the session when that fails.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::here;
use velvet_rope_e2e::kept::Kept;
use velvet_rope_e2e::oidc::{Asked, Fault, Provider, Settings};
use velvet_rope_e2e::proxy::Answer;
use velvet_rope_e2e::stage::{ALICE, Setup, Stage, Verdict, play};
use velvet_rope_e2e::wait::eventually;

/// How long tokens hold where renewals are waited for, in seconds. They are renewed one second before that.
const SHORT: u32 = 6;

fn short_lived() -> Settings {
    Settings::default()
        .id_token_lifetime(SHORT)
        .access_token_lifetime(SHORT)
}

/// Counts whatever changes on the page from now on.
const WATCH: &str = "
    window.changes = [];
    new MutationObserver(seen => window.changes.push(...seen.map(one => `${one.type} ${one.target.nodeName}`)))
        .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });";

/// Waits until tokens were renewed once more, and the page has them.
pub(crate) async fn renewed_once_more(stage: &Stage) -> Result<()> {
    let before = revision(stage).await?;
    let known = stage.provider()?.count(Asked::Refresh).await?;
    stage
        .provider()?
        .wait_for(known + 1, Asked::Refresh)
        .await?;
    eventually("the new tokens", async || {
        Ok((revision(stage).await? > before).then_some(()))
    })
    .await
}

async fn revision(stage: &Stage) -> Result<Option<u64>> {
    Ok(Kept::of(&stage.browser).await?.record()?["revision"].as_u64())
}

/// Waits until the tokens at hand hold no longer.
async fn wait_for_expiry(stage: &Stage) -> Result<()> {
    let expires = Kept::of(&stage.browser).await?.record()?["expires"].clone();
    let script = "return Date.now() > arguments[0] * 1000;";
    eventually("the tokens to expire", async || {
        let is_over = stage.browser.run(script, vec![expires.clone()]).await?;
        Ok((is_over == Value::Bool(true)).then_some(()))
    })
    .await
}

/// What the refresh token of each renewal was, and what came of it.
async fn renewals(provider: &Provider) -> Result<Vec<(String, String)>> {
    let seen = provider.seen(Asked::Refresh).await?;
    let pair = |seen: &velvet_rope_e2e::oidc::Seen| {
        let token = seen.parameter("refresh_token").unwrap_or_default();
        (token.to_owned(), seen.outcome.clone())
    };
    Ok(seen.iter().map(pair).collect())
}

/// Signs in again from a page that says that the session is over. The provider still knows who it is.
async fn sign_in_again(stage: &Stage) -> Result<()> {
    stage.header().sign_in().click().await?;
    stage.header().wait_for_user(ALICE).await?;
    stage.home().user_id(ALICE).await?;
    Ok(())
}

#[test]
fn tokens_are_renewed_ahead_of_time_and_nothing_on_the_page_changes_by_it() -> Verdict {
    for rotates in [true, false] {
        let setup = Setup::with_provider(short_lived().rotation(rotates));
        play(here!(), setup, async |stage| {
            let provider = stage.provider()?;
            stage.sign_in_alice().await?;
            stage.home().user_id(ALICE).await?;
            stage.browser.run(WATCH, Vec::new()).await?;
            for _ in 0..3 {
                renewed_once_more(stage).await?;
            }
            let changes = stage
                .browser
                .run("return window.changes;", Vec::new())
                .await?;
            ensure!(changes == json!([]), "renewals changed the page: {changes}");
            let sent = renewals(provider).await?;
            ensure!(sent.iter().all(|(_, outcome)| outcome == "ok"), "{sent:?}");
            if rotates {
                provider.check_no_token_was_sent_twice().await?;
            } else {
                ensure!(sent.iter().all(|pair| *pair == sent[0]), "{sent:?}");
            }
            // The watch would have seen something.
            stage.header().user_menu(ALICE).click().await?;
            let changes = stage
                .browser
                .run("return window.changes.length;", Vec::new())
                .await?;
            ensure!(changes != json!(0), "the watch sees nothing");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_provider_that_is_busy_is_asked_again_later_with_the_same_token() -> Verdict {
    let setup = Setup::with_provider(short_lived());
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        for status in [503, 429] {
            let fault = Fault::Answer(Answer::json(status, &json!({})));
            provider.set_times(1, Asked::Refresh, fault).await?;
        }
        stage.sign_in_alice().await?;
        provider.wait_for(3, Asked::Refresh).await?;
        renewed_once_more(stage).await?;
        let sent = renewals(provider).await?;
        let outcomes: Vec<&str> = sent.iter().map(|(_, outcome)| outcome.as_str()).collect();
        ensure!(
            outcomes[..4] == ["http 429", "http 503", "ok", "ok"],
            "{outcomes:?}"
        );
        ensure!(sent[0].0 == sent[2].0, "another token: {sent:?}");
        stage.home().user_id(ALICE).await?;
        Ok(())
    })
}

#[test]
fn a_session_that_the_provider_ends_is_over_at_once_and_says_so() -> Verdict {
    let setup = Setup::with_provider(short_lived());
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        provider.revoke_grants().await?;
        stage
            .home()
            .who()
            .text_with("Your session has ended")
            .await?;
        stage.header().wait_for_guest().await?;
        let kept = Kept::of(&stage.browser).await?;
        kept.holds_none_of(&provider.secrets().await?)?;
        let sent = renewals(provider).await?;
        ensure!(sent.len() == 1 && sent[0].1 == "invalid_grant", "{sent:?}");
        sign_in_again(stage).await?;
        renewed_once_more(stage).await
    })
}

#[test]
fn a_renewal_whose_answer_got_lost_is_never_sent_again() -> Verdict {
    const HOUR: i64 = 60 * 60;
    let setup = Setup::with_provider(Settings::default());
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        provider
            .set_times(1, Asked::Refresh, Fault::DropReply)
            .await?;
        stage.sign_in_alice().await?;
        // One minute before the tokens end.
        stage.browser.set_clock(HOUR - 60).await?;
        provider.wait_for(1, Asked::Refresh).await?;
        // The tokens at hand still hold, also on the next page.
        stage.home().user_id(ALICE).await?;
        stage.browser.client().refresh().await?;
        stage.home().user_id(ALICE).await?;
        stage.browser.set_clock(HOUR + 60).await?;
        stage
            .home()
            .who()
            .text_with("Your session has ended: the answer to its last renewal got lost")
            .await?;
        stage.header().wait_for_guest().await?;
        stage.browser.client().refresh().await?;
        stage.header().wait_for_guest().await?;
        let sent = renewals(provider).await?;
        ensure!(sent.len() == 1, "{sent:?}");
        stage.browser.set_clock(0).await?;
        sign_in_again(stage).await?;
        provider.check_no_token_was_sent_twice().await
    })
}

#[test]
fn without_rotation_a_renewal_whose_answer_got_lost_is_sent_again() -> Verdict {
    let setup = Setup::with_provider(short_lived().rotation(false))
        .config(|config| config["oidc"]["refresh_token_rotation"] = json!(false));
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        provider
            .set_times(1, Asked::Refresh, Fault::DropReply)
            .await?;
        stage.sign_in_alice().await?;
        provider.wait_for(2, Asked::Refresh).await?;
        renewed_once_more(stage).await?;
        let sent = renewals(provider).await?;
        ensure!(
            sent.iter().all(|(token, _)| *token == sent[0].0),
            "{sent:?}"
        );
        stage.home().user_id(ALICE).await?;
        Ok(())
    })
}

#[test]
fn without_a_network_the_session_waits_and_goes_on_when_there_is_one_again() -> Verdict {
    let setup = Setup::with_provider(short_lived());
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        stage.browser.set_offline(true).await?;
        let before = provider.count(Asked::Refresh).await?;
        wait_for_expiry(stage).await?;
        stage.home().user_id(ALICE).await?;
        ensure!(
            provider.count(Asked::Refresh).await? == before,
            "a request came through"
        );
        stage.browser.set_offline(false).await?;
        renewed_once_more(stage).await?;
        stage.home().user_id(ALICE).await?;
        provider.check_no_token_was_sent_twice().await
    })
}

#[test]
fn a_reload_while_the_provider_is_down_keeps_a_session_whose_tokens_have_expired() -> Verdict {
    let setup = Setup::with_provider(short_lived());
    play(here!(), setup, async |stage| {
        let provider = stage.provider()?;
        provider
            .set(Asked::Refresh, Fault::Answer(Answer::json(503, &json!({}))))
            .await?;
        stage.sign_in_alice().await?;
        wait_for_expiry(stage).await?;
        stage.browser.client().refresh().await?;
        stage.home().user_id(ALICE).await?;
        provider.heal().await?;
        renewed_once_more(stage).await?;
        stage.home().user_id(ALICE).await?;
        Ok(())
    })
}
