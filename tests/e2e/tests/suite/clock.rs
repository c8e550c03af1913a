//! A device whose clock is wrong. The scenarios of the gateway have what it answers to a signature of the wrong time.

use anyhow::ensure;
use velvet_rope_e2e::here;
use velvet_rope_e2e::oidc::{Asked, Settings};
use velvet_rope_e2e::proxy::Matches;
use velvet_rope_e2e::stage::{ALICE, Setup, Verdict, play};

const HOUR: i64 = 60 * 60;
const WRONG: [i64; 2] = [-HOUR, 6 * HOUR];

#[test]
fn a_wrong_clock_costs_one_request_at_most_and_only_once() -> Verdict {
    for seconds in WRONG {
        play(here!(), Setup::default(), async |stage| {
            stage.browser.set_clock(seconds).await?;
            stage.sign_in().await?;
            let calls = || stage.proxy.count(Matches::PROTECTED_ROUTE);
            stage.home().protected_route().call().await?.ok()?;
            let first = calls();
            ensure!(first <= 2, "the first call took {first} requests");
            stage.home().protected_route().call().await?.ok()?;
            ensure!(calls() == first + 1, "the second call took more than one");
            stage.browser.client().refresh().await?;
            stage.home().protected_route().call().await?.ok()?;
            ensure!(calls() == first + 2, "after a reload it took more than one");
            ensure!(
                stage.proxy.count(Matches::TOKEN) == 1,
                "good tokens were renewed"
            );
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_wrong_clock_neither_renews_good_tokens_nor_ends_a_good_session() -> Verdict {
    for seconds in WRONG {
        play(
            here!(),
            Setup::with_provider(Settings::default()),
            async |stage| {
                let provider = stage.provider()?;
                stage.browser.set_clock(seconds).await?;
                stage.sign_in_alice().await?;
                for _ in 0..2 {
                    stage.browser.client().refresh().await?;
                    stage.home().user_id(ALICE).await?;
                }
                // Another look at the session than the one that each page begins with.
                stage
                    .browser
                    .run("dispatchEvent(new Event('online'));", Vec::new())
                    .await?;
                stage.home().user_id(ALICE).await?;
                let renewals = provider.count(Asked::Refresh).await?;
                ensure!(renewals == 0, "good tokens were renewed {renewals} times");
                Ok(())
            },
        )?;
    }
    Ok(())
}
