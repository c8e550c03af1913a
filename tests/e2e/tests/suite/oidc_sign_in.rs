//! Sign-in and sign-out at an OpenID provider that is not a user pool, and invalid responses of it.

use anyhow::{Result, ensure};
use serde_json::json;
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::pages::Notice;
use velvet_rope_e2e::proxy::{Edit, Fault, RequestKind, StubResponse};
use velvet_rope_e2e::storage::BrowserStorage;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

fn setup() -> Setup {
    Setup::with_provider(Settings::default())
}

/// Starts a sign-in on the start page; the provider shows no form to a user with a session there.
async fn start_sign_in(fixture: &Fixture) -> Result<()> {
    fixture.open("/").await?;
    fixture.header().sign_in().click().await
}

/// Waits for a sign-in that fails at its last step, and its notice. No user is signed in, and no session is stored.
async fn expect_failure(fixture: &Fixture, title: &str) -> Result<Notice> {
    let notice = fixture.callback().notice(title).await?;
    fixture.header().wait_for_guest().await?;
    let kept = BrowserStorage::read(&fixture.browser).await?;
    ensure!(kept.record().is_err(), "{kept:?}");
    kept.contains_none_of(&fixture.provider()?.proxy.secrets())?;
    Ok(notice)
}

#[test]
fn a_session_lasts_until_sign_out_which_also_ends_it_at_the_provider() -> TestResult {
    browser_test(test_name!(), setup(), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        ensure!(fixture.home().user_id(ALICE).await? == "alice", "not alice");
        ensure!(provider.proxy.count(RequestKind::CODE) == 1, "not one code");
        ensure!(
            provider.proxy.count(RequestKind::DISCOVERY) == 1,
            "not one discovery"
        );
        ensure!(
            provider.proxy.count(RequestKind::KEYS) == 1,
            "not one key set"
        );
        provider.proxy.clear_requests();
        fixture.browser.client().refresh().await?;
        fixture.home().user_id(ALICE).await?;
        let asked = provider.proxy.requests();
        ensure!(asked.is_empty(), "a reload asked {asked:#?}");

        fixture.header().start_sign_out(ALICE).await?;
        fixture.signed_out().heading().element().await?;
        fixture
            .browser
            .wait_for_url(&fixture.site.url("/signedout"))
            .await?;
        let revocations = provider.proxy.requests_of(RequestKind::REVOCATION);
        ensure!(
            revocations.len() == 1 && revocations[0].is_ok(),
            "{revocations:#?}"
        );
        ensure!(
            provider.proxy.count(RequestKind::END_SESSION) == 1,
            "the provider's own session was not ended"
        );
        let kept = BrowserStorage::read(&fixture.browser).await?;
        kept.contains_none_of(&provider.proxy.secrets())?;
        // The provider asks for a sign-in again.
        fixture.signed_out().sign_in_again().click().await?;
        fixture.provider_pages().wait().await
    })
}

#[test]
fn a_cancelled_sign_in_changes_nothing() -> TestResult {
    browser_test(test_name!(), setup(), async |fixture| {
        start_sign_in(fixture).await?;
        fixture.provider_pages().cancel().click().await?;
        expect_failure(fixture, "The sign-in was cancelled").await?;
        let tokens = fixture.provider()?.proxy.count(RequestKind::TOKEN);
        ensure!(tokens == 0, "the token endpoint was asked");
        Ok(())
    })
}

#[test]
fn a_sign_in_returns_to_the_page_that_started_it() -> TestResult {
    browser_test(test_name!(), setup(), async |fixture| {
        let path = "/somewhere?x=1&y=%2F#z";
        fixture.open(path).await?;
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().wait_for_user(ALICE).await?;
        fixture.browser.wait_for_url(&fixture.site.url(path)).await
    })
}

#[test]
fn an_invalid_id_token_is_rejected() -> TestResult {
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
            "does not match the access token",
        ),
    ];
    browser_test(test_name!(), setup(), async |fixture| {
        let provider = fixture.provider()?;
        for (index, (edit, words)) in edits.clone().into_iter().enumerate() {
            let fault = Fault::EditResponse(edit);
            provider.proxy.inject_times(1, RequestKind::CODE, fault);
            start_sign_in(fixture).await?;
            if index == 0 {
                fixture
                    .provider_pages()
                    .sign_in("alice", "any password")
                    .await?;
            }
            let notice = expect_failure(fixture, "The ID token cannot be trusted").await?;
            notice.contains_text(words)?.has_buttons(&["Sign in"])?;
        }
        start_sign_in(fixture).await?;
        fixture.header().wait_for_user(ALICE).await
    })
}

#[test]
fn without_the_keys_of_the_provider_the_sign_in_fails() -> TestResult {
    browser_test(test_name!(), setup(), async |fixture| {
        let provider = fixture.provider()?;
        let faults = [
            (
                Fault::Respond(StubResponse::text(503, "busy")),
                "The keys of the sign-in provider could not be read",
            ),
            (
                Fault::Drop,
                "The list of the provider's keys cannot be reached, or its answer cannot be read",
            ),
        ];
        for (index, (fault, title)) in faults.into_iter().enumerate() {
            provider.proxy.inject(RequestKind::KEYS, fault);
            start_sign_in(fixture).await?;
            if index == 0 {
                fixture
                    .provider_pages()
                    .sign_in("alice", "any password")
                    .await?;
            }
            expect_failure(fixture, title)
                .await?
                .has_buttons(&["Try again"])?;
        }
        provider.proxy.clear_faults();
        start_sign_in(fixture).await?;
        fixture.header().wait_for_user(ALICE).await
    })
}

#[test]
fn rotated_keys_of_the_provider_are_fetched_once() -> TestResult {
    const NEARLY_AN_HOUR: i64 = 59 * 60;
    browser_test(test_name!(), setup(), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        provider.rotate_keys(true).await?;
        let revision = async || {
            Ok(BrowserStorage::read(&fixture.browser).await?.record()?["revision"].as_u64())
        };
        let before: Result<Option<u64>> = revision().await;
        let before = before?;
        fixture.browser.set_clock(NEARLY_AN_HOUR).await?;
        provider.proxy.wait_for(1, RequestKind::REFRESH).await?;
        eventually("the new tokens", async || {
            let now: Result<Option<u64>> = revision().await;
            // One revision for the refresh token, one for the other tokens, which are validated first.
            Ok((now? >= before.map(|before| before + 2)).then_some(()))
        })
        .await?;
        ensure!(provider.proxy.count(RequestKind::KEYS) == 2, "at a renewal");
        fixture.home().user_id(ALICE).await?;
        fixture.browser.set_clock(0).await?;

        fixture.header().start_sign_out(ALICE).await?;
        fixture.signed_out().heading().element().await?;
        // Without the old keys, as after a key was compromised.
        provider.rotate_keys(false).await?;
        fixture.open("/").await?;
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().wait_for_user(ALICE).await?;
        ensure!(provider.proxy.count(RequestKind::KEYS) == 3, "at a sign-in");
        Ok(())
    })
}

#[test]
fn a_provider_with_broken_discovery_is_reported_before_the_redirect() -> TestResult {
    browser_test(test_name!(), setup(), async |fixture| {
        let provider = fixture.provider()?;
        let other = Edit::default().set("/issuer", json!("https://other.example"));
        let incomplete = Edit::default().remove("jwks_uri");
        let faults = [
            (
                Fault::Respond(StubResponse::text(503, "busy")),
                "The sign-in provider has no discovery document",
                "503",
            ),
            (
                Fault::Drop,
                "The sign-in provider cannot be reached, or its answer cannot be read",
                "oidc.issuer",
            ),
            (
                Fault::EditResponse(other),
                "The sign-in provider has another issuer",
                "https://other.example",
            ),
            (
                Fault::EditResponse(incomplete),
                "The discovery document is incomplete",
                "jwks_uri",
            ),
        ];
        fixture.open("/").await?;
        for (fault, title, words) in faults {
            provider.proxy.inject(RequestKind::DISCOVERY, fault);
            fixture.header().sign_in().click().await?;
            fixture.home().notice(title).await?.contains_text(words)?;
            fixture.header().wait_for_guest().await?;
        }
        ensure!(
            provider.proxy.count(RequestKind::AUTHORIZATION) == 0,
            "the browser left the site"
        );
        provider.proxy.clear_faults();
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().wait_for_user(ALICE).await
    })
}
