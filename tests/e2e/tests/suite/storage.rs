//! The browser storage, and what a reload restores from it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{RecordedRequest, RequestKind};
use velvet_rope_e2e::storage::BrowserStorage;
use velvet_rope_e2e::test_name;

const SESSION: &str = "velvet-rope.session";

/// A change of the configuration.
type Edit = fn(&mut Value);

fn in_session(config: &mut Value) {
    config["session"] = json!({ "storage": "session" });
}

fn in_local(config: &mut Value) {
    config["session"] = json!({ "storage": "local" });
}

fn in_memory(config: &mut Value) {
    config["session"] = json!({ "storage": "memory" });
}

fn at_provider(storage: Edit) -> Setup {
    Setup::with_provider(Settings::default()).config(storage)
}

/// Closes the current tab and opens the site in a new one, the only tab.
async fn restart(fixture: &Fixture) -> Result<()> {
    let old = fixture.browser.tab().await?;
    let new = fixture.browser.open_blank_tab().await?;
    fixture.browser.switch_to(&old).await?;
    fixture.browser.close_tab(&new).await?;
    fixture.open("/").await
}

/// The authorization requests with `prompt=none`.
fn silent(fixture: &Fixture) -> Result<Vec<RecordedRequest>> {
    let mut seen = fixture
        .provider()?
        .proxy
        .requests_of(RequestKind::AUTHORIZATION);
    seen.retain(|seen| seen.parameter("prompt") == Some("none"));
    Ok(seen)
}

#[test]
fn the_session_is_stored_where_configured_and_aws_credentials_are_never_stored() -> TestResult {
    // The provider's public keys, which serve the next sign-in of any tab.
    const KEYS: &str = "velvet-rope.jwks";
    let modes: [(Edit, &[&str], &[&str]); 3] = [
        (in_session, &[SESSION], &[KEYS]),
        (in_local, &[], &[KEYS, SESSION]),
        (in_memory, &["velvet-rope.was-signed-in"], &[KEYS]),
    ];
    for (storage, in_tab, in_browser) in modes {
        browser_test(
            test_name!(),
            Setup::default().config(storage),
            async |fixture| {
                fixture.sign_in().await?;
                let tokens = fixture.proxy.secrets();
                fixture.home().protected_route().call().await?.ok()?;
                let mut credentials = fixture.proxy.secrets();
                credentials.retain(|secret| !tokens.contains(secret));
                ensure!(!credentials.is_empty(), "there are no AWS credentials");
                let kept = BrowserStorage::read(&fixture.browser).await?;
                ensure!(kept.session_keys() == in_tab, "{kept:?}");
                ensure!(kept.local_keys() == in_browser, "{kept:?}");
                kept.contains_none_of(&credentials)?;
                if !in_tab.contains(&SESSION) && !in_browser.contains(&SESSION) {
                    kept.contains_none_of(&tokens)?;
                }
                Ok(())
            },
        )?;
    }
    Ok(())
}

#[test]
fn local_storage_survives_the_tab() -> TestResult {
    browser_test(test_name!(), at_provider(in_local), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        provider.proxy.clear_requests();
        restart(fixture).await?;
        fixture.home().user_id(ALICE).await?;
        let asked = provider.proxy.requests();
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn session_storage_ends_with_the_last_tab() -> TestResult {
    browser_test(test_name!(), at_provider(in_session), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        provider.proxy.clear_requests();
        restart(fixture).await?;
        fixture.home().wait_for_guest().await?;
        fixture.header().wait_for_guest().await?;
        let asked = provider.proxy.requests();
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn a_reload_without_storage_resumes_the_session_of_the_provider_on_the_same_page() -> TestResult {
    browser_test(test_name!(), at_provider(in_memory), async |fixture| {
        let provider = fixture.provider()?;
        for path in ["/", "/somewhere?x=1#y"] {
            fixture.open(path).await?;
            // The second time the page remembers that a user was signed in.
            if path == "/" {
                fixture.sign_in_at_provider("alice").await?;
            }
            fixture.header().wait_for_user(ALICE).await?;
            provider.proxy.clear_requests();
            fixture.browser.client().refresh().await?;
            provider.proxy.wait_for(1, RequestKind::CODE).await?;
            fixture.header().wait_for_user(ALICE).await?;
            fixture
                .browser
                .wait_for_url(&fixture.site.url(path))
                .await?;
            let silent = silent(fixture)?;
            ensure!(silent.len() == 1 && silent[0].is_ok(), "{silent:#?}");
            let kept = BrowserStorage::read(&fixture.browser).await?;
            kept.contains_none_of(&provider.proxy.secrets())?;
        }
        Ok(())
    })
}

#[test]
fn a_reload_without_storage_asks_the_other_tabs_before_the_provider() -> TestResult {
    browser_test(test_name!(), at_provider(in_memory), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        fixture.browser.open_tab(&fixture.site.url("/")).await?;
        fixture.header().wait_for_user(ALICE).await?;
        provider.proxy.clear_requests();
        fixture.browser.client().refresh().await?;
        fixture.home().user_id(ALICE).await?;
        let asked = provider.proxy.requests();
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn without_storage_and_without_a_provider_session_there_is_no_redirect_loop() -> TestResult {
    browser_test(test_name!(), at_provider(in_memory), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        provider.end_sessions().await?;
        provider.proxy.clear_requests();
        for _ in 0..3 {
            fixture.browser.client().refresh().await?;
            fixture.home().wait_for_guest().await?;
            fixture.header().wait_for_guest().await?;
            let silent = silent(fixture)?;
            ensure!(
                silent.len() == 1 && silent[0].outcome == "login_required",
                "{silent:#?}"
            );
        }
        ensure!(
            provider.proxy.count(RequestKind::TOKEN) == 0,
            "the token endpoint was called"
        );
        fixture.sign_in_at_provider("alice").await?;
        fixture.header().wait_for_user(ALICE).await
    })
}

#[test]
fn a_damaged_or_foreign_session_record_is_discarded() -> TestResult {
    browser_test(test_name!(), at_provider(in_session), async |fixture| {
        let provider = fixture.provider()?;
        fixture.sign_in_alice().await?;
        let good = BrowserStorage::read(&fixture.browser).await?.record()?;
        provider.proxy.clear_requests();
        let with = |name: &str, value: Value| {
            let mut record = good.clone();
            record[name] = value;
            record.to_string()
        };
        let damaged = [
            "{".to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
            with("version", json!(1)),
            with("client_id", json!("another")),
            with("issuer", json!("https://other.example")),
            with("id_token", json!("e30")),
            with("expires", json!("soon")),
        ];
        let keep = "sessionStorage.setItem(arguments[0], arguments[1]);";
        for record in damaged {
            let arguments = vec![json!(SESSION), json!(record)];
            fixture.browser.evaluate(keep, arguments).await?;
            fixture.browser.client().refresh().await?;
            fixture.home().wait_for_guest().await?;
            let kept = BrowserStorage::read(&fixture.browser).await?;
            ensure!(!kept.session.contains_key(SESSION), "kept: {kept:?}");
        }
        let asked = provider.proxy.requests();
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        let arguments = vec![json!(SESSION), json!(good.to_string())];
        fixture.browser.evaluate(keep, arguments).await?;
        fixture.browser.client().refresh().await?;
        fixture.home().user_id(ALICE).await?;
        Ok(())
    })
}
