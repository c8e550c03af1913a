//! Random rounds of sign-in, calls, renewal and sign-out, while the network, the provider and the
//! clock fail at random: the page never shows a wrong state, a spent refresh token is never sent twice, there is
//! no panic, and the user can always recover.
//!
//! `VELVET_ROPE_SEED` sets the seed of the first round, `VELVET_ROPE_ROUNDS` the number of rounds. Two hundred rounds take about ten
//! minutes, so the suite runs fewer by default. Five tests share them.

use std::collections::BTreeSet;
use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use serde_json::{Value, json};
use velvet_rope_e2e::browser::{Engine, Role};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

const ROUNDS: u64 = 50;
/// The number of rounds in other browsers than Chromium: a round is about the session, of which most is the same everywhere.
const ROUNDS_ELSEWHERE: u64 = 10;
/// The tests that share the rounds.
const PARTS: usize = 5;
/// The seed of the first round; each round adds one.
const SEED: u64 = 1;
/// Maximum clock skew, in seconds.
const SKEW: i64 = 6 * 3_600;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// A random fault of the provider.
fn random_fault(random: &mut Rng) -> Fault {
    let busy = |status| StubResponse::json(status, &json!({}));
    match random.u8(0..8) {
        0 => Fault::Drop,
        1 => Fault::DropResponse,
        2 => Fault::CutResponse,
        3 => Fault::Respond(busy(429)),
        4 => Fault::Respond(busy(503)),
        5 => Fault::Respond(busy(500)),
        6 => Fault::ReplaceResponse(busy(502)),
        _ => Fault::Delay(Duration::from_millis(random.u64(50..800))),
    }
}

/// A random fault of the API.
fn random_api_fault(random: &mut Rng) -> Fault {
    let answer =
        |status| Fault::Respond(StubResponse::json(status, &json!({ "message": "trouble" })));
    match random.u8(0..4) {
        0 => Fault::Drop,
        1 => Fault::WithoutCors,
        2 => answer(429),
        _ => answer(500),
    }
}

struct Round<'a> {
    fixture: &'a Fixture,
    random: Rng,
}

impl Round<'_> {
    fn sometimes(&mut self) -> bool {
        self.random.u8(0..3) == 0
    }

    /// Injects a fault into the next request of a kind, one time out of three.
    fn maybe_inject(&mut self, asked: RequestKind) -> Result<()> {
        if self.sometimes() {
            let fault = random_fault(&mut self.random);
            self.fixture.provider()?.proxy.inject_times(1, asked, fault);
        }
        Ok(())
    }

    async fn browser_test(&mut self) -> Result<()> {
        let skew = if self.sometimes() {
            self.random.i64(-SKEW..SKEW)
        } else {
            0
        };
        self.fixture.browser.set_clock(skew).await?;
        self.sign_in().await?;
        self.check(true).await?;
        self.call().await?;
        self.renew().await?;
        self.check(true).await?;
        if self.sometimes() {
            self.fixture.browser.client().refresh().await?;
            self.check(true).await?;
        }
        self.sign_out().await?;
        self.check(false).await?;
        self.fixture.check_console().await
    }

    /// Signs in, and retries once with the button that the page offers after a failure.
    async fn sign_in(&mut self) -> Result<()> {
        let fixture = self.fixture;
        fixture.open("/").await?;
        fixture.header().wait_for_guest().await?;
        self.maybe_inject(RequestKind::CODE)?;
        self.maybe_inject(RequestKind::KEYS)?;
        fixture.sign_in_at_provider("alice").await?;
        let came_back = eventually("the redirect from the provider", async || {
            if fixture.header().user_menu(ALICE).is_present().await? {
                return Ok(Some(true));
            }
            let failed = fixture
                .browser
                .get_by_role(Role::Heading, "This sign-in failed")
                .is_present()
                .await?;
            Ok(failed.then_some(false))
        })
        .await?;
        fixture.provider()?.proxy.clear_faults();
        if came_back {
            return Ok(());
        }
        self.check(false).await?;
        fixture
            .callback()
            .region()
            .first_by_role(Role::Button)
            .click()
            .await?;
        fixture.header().wait_for_user(ALICE).await
    }

    async fn call(&mut self) -> Result<()> {
        let fixture = self.fixture;
        for route in [RequestKind::OPEN_ROUTE, RequestKind::GET_ID] {
            if self.sometimes() {
                let fault = random_api_fault(&mut self.random);
                fixture.proxy.inject_times(1, route, fault);
            }
        }
        for card in [
            fixture.home().open_route(),
            fixture.home().protected_route(),
        ] {
            card.button().click().await?;
            card.answer()
                .wait_for_text_where("an answer, or words for why there is none", |text| {
                    !text.is_empty() && !text.contains("Waiting for the answer")
                })
                .await?;
        }
        // The faults end here.
        fixture.proxy.clear_faults();
        fixture.home().open_route().call().await?.ok()?;
        Ok(())
    }

    /// Renews twice, so that an injected fault applies; a possibly spent token is not sent again.
    async fn renew(&mut self) -> Result<()> {
        let fixture = self.fixture;
        self.maybe_inject(RequestKind::REFRESH)?;
        fixture.header().user_menu(ALICE).click().await?;
        fixture
            .header()
            .account()
            .get_by_role(Role::Link, "Session")
            .click()
            .await?;
        let button = fixture.browser.get_by_role(Role::Button, "Renew now");
        for _ in 0..2 {
            button.click().await?;
            eventually("the end of the renewal", async || {
                let script = "return document.getElementById('outcome')?.innerText ?? ''";
                let said = fixture.browser.evaluate(script, Vec::new()).await?;
                let said = said.as_str().unwrap_or_default();
                Ok((!said.is_empty() && !said.contains("Renewing")).then_some(()))
            })
            .await?;
        }
        fixture.provider()?.proxy.clear_faults();
        Ok(())
    }

    async fn sign_out(&mut self) -> Result<()> {
        self.maybe_inject(RequestKind::REVOCATION)?;
        self.fixture.header().start_sign_out(ALICE).await?;
        self.fixture.signed_out().heading().element().await?;
        self.fixture.provider()?.proxy.clear_faults();
        Ok(())
    }

    /// The page shows the true state: a session is stored if and only if a user is shown as signed in.
    async fn check(&self, signed_in: bool) -> Result<()> {
        let fixture = self.fixture;
        if signed_in {
            fixture.header().wait_for_user(ALICE).await?;
        } else {
            fixture.header().wait_for_guest().await?;
        }
        let script = "return sessionStorage.getItem('velvet-rope.session') !== null";
        let kept = fixture.browser.evaluate(script, Vec::new()).await?;
        ensure!(
            kept == Value::Bool(signed_in),
            "shown as signed in: {signed_in}; kept: {kept}"
        );
        self.check_no_spent_token_was_sent()
    }

    /// A token of a request that the provider never processed may be sent again.
    fn check_no_spent_token_was_sent(&self) -> Result<()> {
        let mut spent = BTreeSet::new();
        for seen in self
            .fixture
            .provider()?
            .proxy
            .requests_of(RequestKind::REFRESH)
        {
            let token = seen
                .parameter("refresh_token")
                .unwrap_or_default()
                .to_owned();
            ensure!(!spent.contains(&token), "a spent token was sent: {seen:?}");
            if seen.processed {
                spent.insert(token);
            }
        }
        Ok(())
    }
}

/// The rounds of one test, side by side with the others: one test with all rounds would run on long after all others have ended.
fn rounds(part: u64, name: &str) -> TestResult {
    let seed = number("VELVET_ROPE_SEED").unwrap_or(SEED);
    let given = number("VELVET_ROPE_ROUNDS");
    let of_part = |rounds: u64| (part..rounds).step_by(PARTS);
    if given.is_some_and(|given| of_part(given).count() == 0) {
        return Ok(());
    }
    let longest = given.unwrap_or(ROUNDS).div_ceil(PARTS as u64);
    let limit = Duration::from_secs(60 + longest * 20);
    let setup = Setup::with_provider(Settings::default()).limit(limit);
    browser_test(name, setup, async |fixture| {
        let usual = match fixture.browser.engine() {
            Engine::Chromium => ROUNDS,
            Engine::Firefox | Engine::Webkit => ROUNDS_ELSEWHERE,
        };
        for round in of_part(given.unwrap_or(usual)) {
            let seed = seed.wrapping_add(round);
            let random = Rng::with_seed(seed);
            let outcome = Round { fixture, random }.browser_test().await;
            outcome.with_context(|| {
                format!(
                    "round {round}; repeat it with VELVET_ROPE_SEED={seed} VELVET_ROPE_ROUNDS=1"
                )
            })?;
            fixture.provider()?.proxy.clear_requests();
        }
        Ok(())
    })
}

/// Under random faults the page shows the true state, and recovers.
macro_rules! rounds {
    ($($name:ident: $part:literal,)+) => {
        $(
            #[test]
            fn $name() -> TestResult {
                rounds($part, test_name!())
            }
        )+
    };
}

rounds! {
    under_random_faults_the_page_shows_the_true_state_and_recovers_1: 0,
    under_random_faults_the_page_shows_the_true_state_and_recovers_2: 1,
    under_random_faults_the_page_shows_the_true_state_and_recovers_3: 2,
    under_random_faults_the_page_shows_the_true_state_and_recovers_4: 3,
    under_random_faults_the_page_shows_the_true_state_and_recovers_5: 4,
}
