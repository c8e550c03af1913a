//! What people can do who are not signed in.

use anyhow::ensure;
use serde_json::json;
use velvet_rope_e2e::browser::Role;
use velvet_rope_e2e::here;
use velvet_rope_e2e::stage::{Setup, Verdict, play};

#[test]
fn a_guest_calls_the_open_route() -> Verdict {
    play(here!(), Setup::direct(), async |stage| {
        stage.open("/").await?;
        stage.home().wait_for_guest().await?;
        stage.header().wait_for_guest().await?;
        let body = stage.home().open_route().call().await?.ok()?;
        ensure!(body == json!({ "message": "Open for All!" }), "{body}");
        Ok(())
    })
}

#[test]
fn a_guest_is_stopped_at_the_protected_route_and_nothing_is_sent() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        stage.home().wait_for_guest().await?;
        let outcome = stage.home().protected_route().call().await?;
        ensure!(
            outcome.status.is_none() && outcome.body.is_none(),
            "{outcome:?}"
        );
        let notice = outcome.notice.unwrap_or_default();
        ensure!(notice.title == "Sign in first", "{notice:?}");
        notice.says("Nothing was sent")?.offers(&["Sign in"])?;
        ensure!(
            stage.proxy.seen().is_empty(),
            "sent: {:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}

#[test]
fn the_notice_at_the_protected_route_leads_to_the_sign_in_and_back() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        let card = stage.home().protected_route();
        card.call_refused().await?.offers(&["Sign in"])?;
        card.answer().at(Role::Button, "Sign in").click().await?;
        stage
            .hosted_ui()
            .sign_in(&stage.cloud.demo_user, &stage.cloud.demo_password)
            .await?;
        stage.header().wait_for_user(&stage.cloud.demo_user).await?;
        stage.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn an_address_that_leads_nowhere_says_so_and_leads_to_the_start_page() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/nowhere").await?;
        stage.not_found().heading().element().await?;
        stage.not_found().main().text_with("/nowhere").await?;
        stage.not_found().start_page().click().await?;
        stage.home().heading().element().await?;
        stage.browser.arrive_at(&stage.site.url("/")).await?;
        ensure!(
            stage.site.count("/config.json") == 1,
            "the link loaded the site anew"
        );
        stage.browser.client().back().await?;
        stage.not_found().heading().element().await?;
        stage.browser.arrive_at(&stage.site.url("/nowhere")).await?;
        Ok(())
    })
}
