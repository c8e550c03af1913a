//! Requests that bring no readable answer.

use anyhow::ensure;
use velvet_rope_e2e::here;
use velvet_rope_e2e::proxy::{Fault, Matches};
use velvet_rope_e2e::stage::{Setup, Verdict, play};

const UNREADABLE: &str = "The API cannot be reached, or its answer cannot be read";

#[test]
fn an_answer_without_cors_headers_and_a_dropped_connection_are_told_alike() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        let card = stage.home().open_route();
        for fault in [Fault::WithoutCors, Fault::Drop] {
            stage.proxy.heal();
            stage.proxy.set(Matches::OPEN_ROUTE, fault.clone());
            let outcome = card.call().await?;
            ensure!(outcome.status.is_none(), "{fault:?}: {outcome:?}");
            let notice = outcome.notice.unwrap_or_default();
            ensure!(notice.title == UNREADABLE, "{fault:?}: {notice:?}");
            notice
                .says("network failure")?
                .says("without CORS headers")?
                .says("DEFAULT_4XX")?
                .offers(&["Try again"])?;
        }
        stage.proxy.heal();
        card.press("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn an_identity_pool_that_hangs_up_can_be_tried_again() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        stage.proxy.set(Matches::GET_ID, Fault::Drop);
        let notice = stage.home().protected_route().call_refused().await?;
        ensure!(
            notice.title == "The identity pool cannot be reached, or its answer cannot be read",
            "{notice:?}"
        );
        notice
            .says("identity_pool.endpoint")?
            .offers(&["Try again"])?;
        stage.proxy.heal();
        stage
            .home()
            .protected_route()
            .press("Try again")
            .await?
            .ok()?;
        Ok(())
    })
}

#[test]
fn without_a_network_the_page_says_so_and_can_try_again() -> Verdict {
    play(here!(), Setup::direct(), async |stage| {
        stage.open("/").await?;
        let card = stage.home().open_route();
        card.call().await?.ok()?;
        stage.browser.set_offline(true).await?;
        let notice = card.call_refused().await?;
        ensure!(notice.title == "You are offline", "{notice:?}");
        notice.offers(&["Try again"])?;
        stage.browser.set_offline(false).await?;
        card.press("Try again").await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_call_on_its_way_is_announced_and_not_sent_again() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        let card = stage.home().open_route();
        stage.proxy.set(Matches::OPEN_ROUTE, Fault::Hold);
        card.button().click().await?;
        card.answer().text_with("Waiting for the answer").await?;
        card.button().click().await?;
        stage.proxy.heal();
        card.outcome().await?.ok()?;
        let calls = stage.proxy.count(Matches::OPEN_ROUTE);
        ensure!(calls == 1, "called {calls} times");
        Ok(())
    })
}
