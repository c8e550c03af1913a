//! Signing out.

use anyhow::{Result, ensure};
use velvet_rope_e2e::here;
use velvet_rope_e2e::kept::Kept;
use velvet_rope_e2e::proxy::Matches;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// Signs in, calls the protected route so that there are credentials too, and signs out.
async fn sign_in_and_out(stage: &Stage) -> Result<()> {
    stage.sign_in().await?;
    stage.home().protected_route().call().await?.ok()?;
    stage
        .header()
        .start_sign_out(&stage.cloud.demo_user)
        .await?;
    stage.signed_out().heading().element().await?;
    Ok(())
}

async fn is_stopped_again(stage: &Stage) -> Result<()> {
    stage.home().wait_for_guest().await?;
    stage.header().wait_for_guest().await?;
    stage.proxy.forget();
    let notice = stage.home().protected_route().call_refused().await?;
    ensure!(notice.title == "Sign in first", "{notice:?}");
    ensure!(
        stage.proxy.seen().is_empty(),
        "sent: {:?}",
        stage.proxy.seen()
    );
    Ok(())
}

#[test]
fn signing_out_ends_the_session_here_and_at_cognito() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        sign_in_and_out(stage).await?;
        let address = stage.browser.address().await?;
        ensure!(
            address.as_str() == stage.site.url("/signedout"),
            "the address is {address}"
        );
        ensure!(
            stage.proxy.count(Matches::Path("/logout")) == 1,
            "{:?}",
            stage.proxy.seen()
        );
        // Which session it was, the keys of the provider, which are public, and what there is to tell.
        let kept = Kept::of(&stage.browser).await?;
        ensure!(kept.local_keys() == ["velvet-rope.ended"], "{kept:?}");
        ensure!(
            kept.session_keys() == ["velvet-rope.jwks", "velvet-rope.sign-out"],
            "{kept:?}"
        );
        kept.holds_none_of(&stage.proxy.secrets())?;
        stage.header().wait_for_guest().await?;
        stage.signed_out().start_page().click().await?;
        is_stopped_again(stage).await
    })
}

#[test]
fn going_back_after_signing_out_shows_a_guest() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        sign_in_and_out(stage).await?;
        stage.browser.client().back().await?;
        stage.home().heading().element().await?;
        is_stopped_again(stage).await
    })
}

#[test]
fn signing_in_again_after_signing_out_works() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        sign_in_and_out(stage).await?;
        stage.signed_out().sign_in_again().click().await?;
        stage
            .hosted_ui()
            .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
            .await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        stage.browser.arrive_at(&stage.site.url("/")).await
    })
}

#[test]
fn the_address_of_the_signed_out_page_signs_nobody_out() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        stage.open("/signedout").await?;
        stage.signed_out().still_signed_in().element().await?;
        stage.signed_out().start_page().click().await?;
        stage.home().user_id(&stage.cloud.demo_user).await?;
        Ok(())
    })
}
