//! Signing in and out at an OpenID provider that is no user pool, and what must not be believed of it.

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::here;
use velvet_rope_e2e::kept::Kept;
use velvet_rope_e2e::oidc::{Asked, Edit, Fault, Settings};
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::Answer;
use velvet_rope_e2e::stage::{ALICE, Setup, Stage, Verdict, play};
use velvet_rope_e2e::wait::eventually;

fn setup() -> Setup {
    Setup::with_provider(Settings::default())
}

/// Begins a sign-in at the start page; whoever is signed in at the provider is not asked.
async fn start_sign_in(stage: &Stage) -> Result<()> {
    stage.open("/").await?;
    stage.header().sign_in().click().await
}

/// A sign-in that fails at its last step, and the words for it. Nobody is signed in, and nothing is kept.
async fn refused(stage: &Stage, title: &str) -> Result<Notice> {
    let notice = stage.callback().notice(title).await?;
    stage.header().wait_for_guest().await?;
    let kept = Kept::of(&stage.browser).await?;
    ensure!(kept.record().is_err(), "{kept:?}");
    kept.holds_none_of(&stage.provider()?.secrets().await?)?;
    Ok(notice)
}

#[test]
fn a_sign_in_lasts_until_the_sign_out_which_the_provider_learns_of() -> Verdict {
    play(here!(), setup(), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        ensure!(stage.home().user_id(ALICE).await? == "alice", "not alice");
        ensure!(provider.count(Asked::Code).await? == 1, "not one code");
        ensure!(
            provider.count(Asked::Discovery).await? == 1,
            "not one discovery"
        );
        ensure!(provider.count(Asked::Keys).await? == 1, "not one key set");
        provider.forget().await?;
        stage.browser.client().refresh().await?;
        stage.home().user_id(ALICE).await?;
        let asked = provider.log().await?;
        ensure!(asked.is_empty(), "a reload asked {asked:#?}");

        stage.header().start_sign_out(ALICE).await?;
        stage.signed_out().heading().element().await?;
        stage
            .browser
            .arrive_at(&stage.site.url("/signedout"))
            .await?;
        let revocations = provider.seen(Asked::Revocation).await?;
        ensure!(
            revocations.len() == 1 && revocations[0].is_ok(),
            "{revocations:#?}"
        );
        ensure!(
            provider.count(Asked::EndSession).await? == 1,
            "the provider's own session was not ended"
        );
        let kept = Kept::of(&stage.browser).await?;
        kept.holds_none_of(&provider.secrets().await?)?;
        // The provider has to ask again who it is.
        stage.signed_out().sign_in_again().click().await?;
        stage.provider_pages().wait().await
    })
}

#[test]
fn a_cancelled_sign_in_changes_nothing() -> Verdict {
    play(here!(), setup(), async |stage| {
        start_sign_in(stage).await?;
        stage.provider_pages().cancel().click().await?;
        refused(stage, "The sign-in was cancelled").await?;
        let tokens = stage.provider()?.count(Asked::Token).await?;
        ensure!(tokens == 0, "the token endpoint was asked");
        Ok(())
    })
}

#[test]
fn a_sign_in_comes_back_to_where_it_began() -> Verdict {
    play(here!(), setup(), async |stage| {
        let path = "/somewhere?x=1&y=%2F#z";
        stage.open(path).await?;
        stage.sign_in_at_provider("alice").await?;
        stage.header().wait_for_user(ALICE).await?;
        stage.browser.arrive_at(&stage.site.url(path)).await
    })
}

#[test]
fn an_id_token_that_is_not_what_it_should_be_signs_nobody_in() -> Verdict {
    let edit = Edit::default;
    let edits = [
        (edit().forged(), "Its signature is wrong."),
        (
            edit().claim("nonce", json!("another")),
            "It belongs to another sign-in.",
        ),
        (edit().claim("aud", json!("another")), "another"),
        (
            edit().claim("iss", json!("https://evil.example")),
            "https://evil.example",
        ),
        (
            edit().claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
            "The access token that came with it",
        ),
    ];
    play(here!(), setup(), async |stage| {
        let provider = stage.provider()?;
        for (index, (edit, words)) in edits.into_iter().enumerate() {
            let fault = Fault::EditReply(edit);
            provider.set_times(1, Asked::Code, fault).await?;
            start_sign_in(stage).await?;
            if index == 0 {
                stage
                    .provider_pages()
                    .sign_in("alice", "any password")
                    .await?;
            }
            let notice = refused(stage, "The ID token cannot be trusted").await?;
            notice.says(words)?.offers(&["Sign in"])?;
        }
        start_sign_in(stage).await?;
        stage.header().wait_for_user(ALICE).await
    })
}

#[test]
fn without_the_providers_keys_nobody_is_signed_in() -> Verdict {
    play(here!(), setup(), async |stage| {
        let provider = stage.provider()?;
        let faults = [
            (
                Fault::Answer(Answer::text(503, "busy")),
                "The keys of the sign-in provider could not be read",
            ),
            (
                Fault::Reset,
                "The list of the provider's keys cannot be reached, or its answer cannot be read",
            ),
        ];
        for (index, (fault, title)) in faults.into_iter().enumerate() {
            provider.set(Asked::Keys, fault).await?;
            start_sign_in(stage).await?;
            if index == 0 {
                stage
                    .provider_pages()
                    .sign_in("alice", "any password")
                    .await?;
            }
            refused(stage, title).await?.offers(&["Try again"])?;
        }
        provider.heal().await?;
        start_sign_in(stage).await?;
        stage.header().wait_for_user(ALICE).await
    })
}

#[test]
fn new_keys_of_the_provider_are_asked_for_once() -> Verdict {
    const NEARLY_AN_HOUR: i64 = 59 * 60;
    play(here!(), setup(), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        provider.rotate_keys(true).await?;
        let revision = async || Ok(Kept::of(&stage.browser).await?.record()?["revision"].as_u64());
        let before: Result<Option<u64>> = revision().await;
        let before = before?;
        stage.browser.set_clock(NEARLY_AN_HOUR).await?;
        provider.wait_for(1, Asked::Refresh).await?;
        eventually("the new tokens", async || {
            let now: Result<Option<u64>> = revision().await;
            // One step for the refresh token, one for the others, which are judged.
            Ok((now? >= before.map(|before| before + 2)).then_some(()))
        })
        .await?;
        ensure!(provider.count(Asked::Keys).await? == 2, "at a renewal");
        stage.home().user_id(ALICE).await?;
        stage.browser.set_clock(0).await?;

        stage.header().start_sign_out(ALICE).await?;
        stage.signed_out().heading().element().await?;
        // Without the old ones: whoever lost a key replaces it like this.
        provider.rotate_keys(false).await?;
        stage.open("/").await?;
        stage.sign_in_at_provider("alice").await?;
        stage.header().wait_for_user(ALICE).await?;
        ensure!(provider.count(Asked::Keys).await? == 3, "at a sign-in");
        Ok(())
    })
}

#[test]
fn a_provider_that_does_not_describe_itself_is_named_before_anybody_leaves() -> Verdict {
    play(here!(), setup(), async |stage| {
        let provider = stage.provider()?;
        let other = Edit::default().set("issuer", json!("https://other.example"));
        let incomplete = Edit::default().remove("jwks_uri");
        let faults = [
            (
                Fault::Answer(Answer::text(503, "busy")),
                "The sign-in provider does not describe itself",
                "503",
            ),
            (
                Fault::Reset,
                "The sign-in provider cannot be reached, or its answer cannot be read",
                "oidc.issuer",
            ),
            (
                Fault::EditReply(other),
                "The sign-in provider calls itself by another name",
                "https://other.example",
            ),
            (
                Fault::EditReply(incomplete),
                "The sign-in provider leaves out an address",
                "jwks_uri",
            ),
        ];
        stage.open("/").await?;
        for (fault, title, words) in faults {
            provider.set(Asked::Discovery, fault).await?;
            stage.header().sign_in().click().await?;
            stage.home().notice(title).await?.says(words)?;
            stage.header().wait_for_guest().await?;
        }
        ensure!(
            provider.count(Asked::Authorization).await? == 0,
            "somebody left"
        );
        provider.heal().await?;
        stage.sign_in_at_provider("alice").await?;
        stage.header().wait_for_user(ALICE).await
    })
}
