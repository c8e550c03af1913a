//! What is kept in the browser, and what it is good for afterwards.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::here;
use velvet_rope_e2e::kept::Kept;
use velvet_rope_e2e::oidc::{Asked, Seen, Settings};
use velvet_rope_e2e::stage::{ALICE, Setup, Stage, Verdict, play};

const SESSION: &str = "velvet-rope.session";

/// What is changed about a configuration.
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

/// Closes the tab at hand and opens the site in a new one, which is then the only one.
async fn restart(stage: &Stage) -> Result<()> {
    let old = stage.browser.tab().await?;
    let new = stage.browser.open_empty_tab().await?;
    stage.browser.switch_to(&old).await?;
    stage.browser.close_tab(&new).await?;
    stage.open("/").await
}

/// The sign-ins that asked the provider to show no page.
async fn silent(stage: &Stage) -> Result<Vec<Seen>> {
    let mut seen = stage.provider()?.seen(Asked::Authorization).await?;
    seen.retain(|seen| seen.parameter("prompt") == Some("none"));
    Ok(seen)
}

#[test]
fn what_is_kept_is_where_the_configuration_says_and_aws_credentials_are_nowhere() -> Verdict {
    const KEYS: [&str; 2] = ["velvet-rope.jwks", SESSION];
    let modes: [(Edit, &[&str], &[&str]); 3] = [
        (in_session, &KEYS, &[]),
        (in_local, &[], &KEYS),
        (in_memory, &["velvet-rope.was-signed-in"], &[]),
    ];
    for (storage, in_tab, in_browser) in modes {
        play(here!(), Setup::default().config(storage), async |stage| {
            stage.sign_in().await?;
            let tokens = stage.proxy.secrets();
            stage.home().protected_route().call().await?.ok()?;
            let mut credentials = stage.proxy.secrets();
            credentials.retain(|secret| !tokens.contains(secret));
            ensure!(!credentials.is_empty(), "there are no AWS credentials");
            let kept = Kept::of(&stage.browser).await?;
            ensure!(kept.session_keys() == in_tab, "{kept:?}");
            ensure!(kept.local_keys() == in_browser, "{kept:?}");
            kept.holds_none_of(&credentials)?;
            if !in_tab.contains(&SESSION) && in_browser.is_empty() {
                kept.holds_none_of(&tokens)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn the_browsers_storage_outlives_the_tab() -> Verdict {
    play(here!(), at_provider(in_local), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        provider.forget().await?;
        restart(stage).await?;
        stage.home().user_id(ALICE).await?;
        let asked = provider.log().await?;
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn the_tabs_storage_goes_with_the_last_tab() -> Verdict {
    play(here!(), at_provider(in_session), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        provider.forget().await?;
        restart(stage).await?;
        stage.home().wait_for_guest().await?;
        stage.header().wait_for_guest().await?;
        let asked = provider.log().await?;
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn a_reload_without_storage_takes_up_the_providers_session_and_comes_back_to_the_page() -> Verdict {
    play(here!(), at_provider(in_memory), async |stage| {
        let provider = stage.provider()?;
        for path in ["/", "/somewhere?x=1#y"] {
            stage.open(path).await?;
            // The second time the page before it has left word that somebody was signed in.
            if path == "/" {
                stage.sign_in_at_provider("alice").await?;
            }
            stage.header().wait_for_user(ALICE).await?;
            provider.forget().await?;
            stage.browser.client().refresh().await?;
            provider.wait_for(1, Asked::Code).await?;
            stage.header().wait_for_user(ALICE).await?;
            stage.browser.arrive_at(&stage.site.url(path)).await?;
            let silent = silent(stage).await?;
            ensure!(silent.len() == 1 && silent[0].is_ok(), "{silent:#?}");
            let kept = Kept::of(&stage.browser).await?;
            kept.holds_none_of(&provider.secrets().await?)?;
        }
        Ok(())
    })
}

#[test]
fn a_reload_without_storage_asks_the_other_tabs_before_the_provider() -> Verdict {
    play(here!(), at_provider(in_memory), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        stage.browser.open_tab(&stage.site.url("/")).await?;
        stage.header().wait_for_user(ALICE).await?;
        provider.forget().await?;
        stage.browser.client().refresh().await?;
        stage.home().user_id(ALICE).await?;
        let asked = provider.log().await?;
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        Ok(())
    })
}

#[test]
fn without_storage_and_without_a_session_at_the_provider_nobody_is_sent_in_circles() -> Verdict {
    play(here!(), at_provider(in_memory), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        provider.end_sessions().await?;
        provider.forget().await?;
        for _ in 0..3 {
            stage.browser.client().refresh().await?;
            stage.home().wait_for_guest().await?;
            stage.header().wait_for_guest().await?;
            let silent = silent(stage).await?;
            ensure!(
                silent.len() == 1 && silent[0].outcome == "login_required",
                "{silent:#?}"
            );
        }
        ensure!(
            provider.count(Asked::Token).await? == 0,
            "tokens for nobody"
        );
        stage.sign_in_at_provider("alice").await?;
        stage.header().wait_for_user(ALICE).await
    })
}

#[test]
fn a_record_that_is_damaged_or_of_another_site_is_thrown_away() -> Verdict {
    play(here!(), at_provider(in_session), async |stage| {
        let provider = stage.provider()?;
        stage.sign_in_alice().await?;
        let good = Kept::of(&stage.browser).await?.record()?;
        provider.forget().await?;
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
            stage.browser.run(keep, arguments).await?;
            stage.browser.client().refresh().await?;
            stage.home().wait_for_guest().await?;
            let kept = Kept::of(&stage.browser).await?;
            ensure!(!kept.session.contains_key(SESSION), "kept: {kept:?}");
        }
        let asked = provider.log().await?;
        ensure!(asked.is_empty(), "the provider was asked: {asked:#?}");
        let arguments = vec![json!(SESSION), json!(good.to_string())];
        stage.browser.run(keep, arguments).await?;
        stage.browser.client().refresh().await?;
        stage.home().user_id(ALICE).await?;
        Ok(())
    })
}
