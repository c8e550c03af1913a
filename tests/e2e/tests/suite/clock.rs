//! A device with a wrong clock. See also the clock errors in `gateway.rs`.

use anyhow::ensure;
use velvet_rope_e2e::fixture::{ALICE, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::RequestKind;
use velvet_rope_e2e::test_name;

const HOUR: i64 = 60 * 60;
const WRONG: [i64; 2] = [-HOUR, 6 * HOUR];

#[test]
fn a_wrong_clock_costs_one_request_at_most_and_only_once() -> TestResult {
    for seconds in WRONG {
        browser_test(test_name!(), Setup::default(), async |fixture| {
            fixture.browser.set_clock(seconds).await?;
            fixture.sign_in().await?;
            let calls = || fixture.proxy.count(RequestKind::PROTECTED_ROUTE);
            fixture.home().protected_route().call().await?.ok()?;
            let first = calls();
            ensure!(first <= 2, "the first call took {first} requests");
            fixture.home().protected_route().call().await?.ok()?;
            ensure!(calls() == first + 1, "the second call took more than one");
            fixture.browser.client().refresh().await?;
            fixture.home().protected_route().call().await?.ok()?;
            ensure!(calls() == first + 2, "after a reload it took more than one");
            ensure!(
                fixture.proxy.count(RequestKind::USER_POOL_TOKEN) == 1,
                "good tokens were renewed"
            );
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_wrong_clock_neither_renews_good_tokens_nor_ends_a_good_session() -> TestResult {
    for seconds in WRONG {
        browser_test(
            test_name!(),
            Setup::with_provider(Settings::default()),
            async |fixture| {
                let provider = fixture.provider()?;
                fixture.browser.set_clock(seconds).await?;
                fixture.sign_in_alice().await?;
                for _ in 0..2 {
                    fixture.browser.client().refresh().await?;
                    fixture.home().user_id(ALICE).await?;
                }
                // This event makes the app check the session again.
                fixture
                    .browser
                    .evaluate("dispatchEvent(new Event('online'));", Vec::new())
                    .await?;
                fixture.home().user_id(ALICE).await?;
                let renewals = provider.proxy.count(RequestKind::REFRESH);
                ensure!(renewals == 0, "good tokens were renewed {renewals} times");
                Ok(())
            },
        )?;
    }
    Ok(())
}
