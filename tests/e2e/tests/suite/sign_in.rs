//! Signing in, and what follows from it.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::json;
use velvet_rope_e2e::here;
use velvet_rope_e2e::proxy::Matches;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// Signs in from a path of the site and checks that this is where it ends.
async fn comes_back_to(stage: &Stage, path: &str) -> Result<()> {
    stage.open(path).await?;
    stage.sign_in_from_here().await?;
    stage.browser.arrive_at(&stage.site.url(path)).await
}

#[test]
fn whoever_signs_in_calls_the_protected_route_as_themselves() -> Verdict {
    play(here!(), Setup::direct(), async |stage| {
        stage.sign_in().await?;
        let user_id = stage.home().user_id(&stage.cloud.demo_user).await?;
        let body = stage.home().protected_route().call().await?.ok()?;
        ensure!(body["message"] == "You're past the velvet rope!", "{body}");
        for member in ["identity_id", "user_sub", "role"] {
            ensure!(body["caller"][member].is_string(), "no {member} in {body}");
        }
        ensure!(
            body["caller"]["user_sub"] == user_id.as_str(),
            "signed in as {user_id}, called as {body}"
        );
        Ok(())
    })
}

#[test]
fn a_sign_in_and_a_first_call_send_each_request_once() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        let identity_requests = || {
            (
                stage.proxy.count(Matches::GET_ID),
                stage.proxy.count(Matches::GET_CREDENTIALS),
            )
        };
        ensure!(
            identity_requests() == (0, 0),
            "credentials were fetched before anybody needed them"
        );
        stage.home().protected_route().call().await?.ok()?;
        stage.home().protected_route().call().await?.ok()?;
        ensure!(
            identity_requests() == (1, 1),
            "GetId and GetCredentialsForIdentity: {:?}",
            identity_requests()
        );
        ensure!(
            stage.proxy.count(Matches::TOKEN) == 1,
            "the token endpoint was asked {}",
            stage.proxy.count(Matches::TOKEN)
        );
        ensure!(
            stage.proxy.count(Matches::PROTECTED_ROUTE) == 2,
            "the route was called more often than the button"
        );
        let preflights = stage
            .proxy
            .seen()
            .into_iter()
            .filter(|seen| seen.method == Method::OPTIONS);
        let preflights: Vec<String> = preflights.map(|seen| seen.path).collect();
        ensure!(
            !preflights.iter().any(|path| path == "/oauth2/token"),
            "the token request cost a preflight"
        );
        Ok(())
    })
}

#[test]
fn two_calls_at_once_fetch_credentials_once() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        let mut config = stage.config.clone();
        let twin =
            json!({ "name": "Its twin", "method": "GET", "path": "/require-auth", "auth": "iam" });
        config["api"]["routes"]
            .as_array_mut()
            .map(|routes| routes.push(twin))
            .unwrap_or_default();
        stage.site.set_config(SiteConfig::Json(config));
        stage.sign_in().await?;
        let press_both = "
            for (const name of ['Protected route', 'Its twin']) {
                document.querySelector(`[aria-label='Call ${name}']`).click();
            }";
        stage.browser.run(press_both, Vec::new()).await?;
        for name in ["Protected route", "Its twin"] {
            stage.home().card(name).outcome().await?.ok()?;
        }
        ensure!(
            stage.proxy.count(Matches::GET_ID) == 1,
            "{:?}",
            stage.proxy.seen()
        );
        ensure!(
            stage.proxy.count(Matches::GET_CREDENTIALS) == 1,
            "{:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}

#[test]
fn a_sign_in_comes_back_to_the_card_that_it_was_started_from() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        comes_back_to(stage, "/#protected-route").await?;
        stage.home().protected_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_sign_in_comes_back_to_any_path_with_its_query_and_fragment() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        comes_back_to(stage, "/somewhere?x=1#y").await?;
        stage.not_found().heading().element().await?;
        Ok(())
    })
}

#[test]
fn after_going_back_from_the_hosted_ui_signing_in_works_again() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        stage
            .browser
            .run("window.isTheSamePage = true;", Vec::new())
            .await?;
        stage.header().start_sign_in().await?;
        stage.browser.client().back().await?;
        stage.home().wait_for_guest().await?;
        let same = stage
            .browser
            .run("return window.isTheSamePage ?? false;", Vec::new())
            .await?;
        ensure!(
            same == true,
            "the browser loaded the page anew, so its back/forward cache was not tried"
        );
        stage.sign_in_from_here().await?;
        stage.home().user_id(&stage.cloud.demo_user).await?;
        Ok(())
    })
}
