//! The OpenID provider itself: What the other tests assume about it.

use anyhow::ensure;
use serde_json::{Value, json};
use url::Url;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::oidc::{CLIENT_ID, Settings};
use velvet_rope_e2e::proxy::{Edit, Fault, RequestKind, StubResponse};
use velvet_rope_e2e::site::CspMode;
use velvet_rope_e2e::test_name;

use crate::probe::{PROBE, Probe, tokens};

#[test]
fn a_reused_refresh_token_is_refused_and_revokes_its_successor() -> TestResult {
    let setup = Setup::with_provider(Settings::default().access_token_lifetime(77));
    browser_test(test_name!(), setup, async |fixture| {
        let (probe, provider) = (Probe { fixture }, fixture.provider()?);
        let first = probe
            .exchange(&probe.code_from_form("alice").await?)
            .await?;
        ensure!(first["expires_in"] == 77, "{first}");
        let claims = probe.decoded(&first["id_token"], 1).await?;
        for (name, value) in [
            ("iss", provider.issuer()),
            ("aud", CLIENT_ID),
            ("sub", "alice"),
            ("nonce", "the-nonce"),
            ("email", "alice@example.com"),
            ("name", "Alice"),
        ] {
            ensure!(claims[name] == value, "{name} is not {value} in {claims}");
        }
        ensure!(claims["auth_time"].is_u64(), "no auth_time in {claims}");

        let second = tokens(&probe.refresh(&first["refresh_token"]).await?)?;
        ensure!(
            second["refresh_token"] != first["refresh_token"],
            "not rotated"
        );
        provider.check_refreshes(1)?;
        probe.is_refused(&first["refresh_token"]).await?;
        ensure!(
            provider.check_no_token_was_sent_twice().is_err(),
            "the log has no token twice"
        );
        probe.is_refused(&second["refresh_token"]).await?;
        let outcomes = provider.proxy.requests_of(RequestKind::TOKEN);
        let outcomes: Vec<&str> = outcomes.iter().map(|seen| &*seen.outcome).collect();
        ensure!(
            outcomes == ["ok", "ok", "invalid_grant", "invalid_grant"],
            "{outcomes:?}"
        );
        Ok(())
    })
}

#[test]
fn a_site_with_a_provider_names_it_in_its_configuration() -> TestResult {
    let setup = Setup::with_provider(Settings::default())
        .config(|config| config["session"] = json!({ "storage": "local" }));
    browser_test(test_name!(), setup, async |fixture| {
        let probe = Probe { fixture };
        fixture.open(PROBE).await?;
        let config = probe.fetch_from(&fixture.site.url("/config.json")).await?;
        let config = &config["body"];
        ensure!(
            config["oidc"]["issuer"] == fixture.provider()?.issuer(),
            "{config}"
        );
        ensure!(config["session"]["storage"] == "local", "{config}");
        ensure!(config.get("user_pool").is_none(), "{config}");
        ensure!(config["api"].is_object(), "{config}");
        Ok(())
    })
}

#[test]
fn the_site_reads_discovery_and_keys_and_sees_new_keys() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            let (probe, provider) = (Probe { fixture }, fixture.provider()?);
            let first = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            let metadata = probe
                .fetch("/.well-known/openid-configuration", Value::Null)
                .await?;
            ensure!(
                metadata["body"]["issuer"] == provider.issuer(),
                "{metadata}"
            );
            for name in ["token", "authorization", "revocation", "end_session"] {
                let endpoint = &metadata["body"][format!("{name}_endpoint")];
                ensure!(endpoint.is_string(), "no {name} in {metadata}");
            }
            let old = probe.key_ids().await?;
            let header = probe.decoded(&first["id_token"], 0).await?;
            ensure!(
                header["alg"] == "RS256" && old == [header["kid"].clone()],
                "{header} and {old:?}"
            );
            provider.rotate_keys(true).await?;
            let both = probe.key_ids().await?;
            ensure!(both.len() == 2 && both.contains(&old[0]), "{both:?}");
            let second = tokens(&probe.refresh(&first["refresh_token"]).await?)?;
            let header = probe.decoded(&second["id_token"], 0).await?;
            ensure!(header["kid"] == both[0], "signed with the old key");
            provider.rotate_keys(false).await?;
            let new = probe.key_ids().await?;
            ensure!(new.len() == 1 && !both.contains(&new[0]), "{new:?}");
            Ok(())
        },
    )
}

#[test]
fn signing_in_without_a_page_takes_a_session_at_the_provider() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            let (probe, provider) = (Probe { fixture }, fixture.provider()?);
            let login_required = async || {
                let answer = probe.silently().await?;
                let error = answer.get("error").map(String::as_str);
                ensure!(error == Some("login_required"), "{answer:?}");
                Ok(())
            };
            login_required().await?;
            let first = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            probe.exchange(&probe.code_silently().await?).await?;
            fixture.browser.open_tab(&fixture.site.url(PROBE)).await?;
            probe.exchange(&probe.code_silently().await?).await?;
            provider.end_sessions().await?;
            login_required().await?;
            tokens(&probe.refresh(&first["refresh_token"]).await?)?;
            let silent = provider.proxy.requests_of(RequestKind::AUTHORIZATION);
            let silent = silent
                .iter()
                .filter(|seen| seen.parameter("prompt") == Some("none"));
            let outcomes: Vec<&str> = silent.map(|seen| &*seen.outcome).collect();
            ensure!(
                outcomes == ["login_required", "ok", "ok", "login_required"],
                "{outcomes:?}"
            );
            Ok(())
        },
    )
}

#[test]
fn in_a_frame_a_session_at_the_provider_counts_only_if_both_are_of_one_site() -> TestResult {
    for (settings, name, expected) in [
        (Settings::default(), "state", "the-state"),
        (
            Settings::default().on_another_site(),
            "error",
            "login_required",
        ),
    ] {
        // The site's policy allows no frames: this one stands for sites that do.
        let setup = Setup::with_provider(settings).csp(CspMode::Absent);
        browser_test(test_name!(), setup, async |fixture| {
            let probe = Probe { fixture };
            probe.code_from_form("alice").await?;
            let answer = probe.in_a_frame().await?;
            ensure!(answer[name] == expected, "{answer}");
            let has_code = answer["code"].is_string();
            ensure!(has_code == (name == "state"), "{answer}");
            probe.code_silently().await?;
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn revoking_and_signing_out_end_what_they_are_for() -> TestResult {
    let setup = Setup::with_provider(Settings::default().confirm_sign_out(true));
    browser_test(test_name!(), setup, async |fixture| {
        let (probe, provider) = (Probe { fixture }, fixture.provider()?);
        let tokens = probe
            .exchange(&probe.code_from_form("alice").await?)
            .await?;
        let form = json!({ "client_id": CLIENT_ID, "token": tokens["refresh_token"] });
        let answer = probe.fetch("/token/revocation", form).await?;
        ensure!(answer["status"] == 200, "{answer}");
        probe.is_refused(&tokens["refresh_token"]).await?;
        let mut address = Url::parse(&provider.url("/session/end"))?;
        address
            .query_pairs_mut()
            .append_pair(
                "id_token_hint",
                tokens["id_token"].as_str().unwrap_or_default(),
            )
            .append_pair("post_logout_redirect_uri", &fixture.site.url(PROBE))
            .append_pair("state", "signed-out");
        for confirmed in [true, false] {
            provider
                .change(&Settings::default().confirm_sign_out(confirmed))
                .await?;
            fixture.browser.open(address.as_str()).await?;
            if confirmed {
                fixture.provider_pages().confirm_sign_out().click().await?;
            }
            let answer = probe.answer().await?;
            ensure!(answer["state"] == "signed-out", "{answer:?}");
            let silent = probe.silently().await?;
            ensure!(silent.contains_key("error"), "still signed in: {silent:?}");
            probe.code_from_form("alice").await?;
        }
        ensure!(
            provider.proxy.count(RequestKind::END_SESSION) == 2,
            "not logged"
        );
        Ok(())
    })
}

#[test]
fn a_request_refused_before_processing_spends_no_token_and_a_lost_response_does() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            let (probe, provider) = (Probe { fixture }, fixture.provider()?);
            let mut held = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            for fault in [
                Fault::Respond(StubResponse::json(429, &json!({})).header("retry-after", "1")),
                Fault::Drop,
            ] {
                provider
                    .proxy
                    .inject_times(1, RequestKind::REFRESH, fault.clone());
                let answer = probe.refresh(&held["refresh_token"]).await?;
                let failed = answer["failure"].is_string() || answer["status"] == 429;
                ensure!(failed, "{fault:?}: {answer}");
                held = tokens(&probe.refresh(&held["refresh_token"]).await?)?;
            }
            for fault in [
                Fault::DropResponse,
                Fault::CutResponse,
                Fault::ReplaceResponse(StubResponse::json(503, &json!({}))),
            ] {
                provider.proxy.clear_requests();
                provider
                    .proxy
                    .inject_times(1, RequestKind::REFRESH, fault.clone());
                let answer = probe.refresh(&held["refresh_token"]).await?;
                let failed = answer["failure"].is_string() || answer["status"] == 503;
                ensure!(failed, "{fault:?}: {answer}");
                // The browser has not sent it again by itself.
                provider.check_refreshes(1)?;
                probe.is_refused(&held["refresh_token"]).await?;
                held = probe.exchange(&probe.code_silently().await?).await?;
            }
            Ok(())
        },
    )
}

#[test]
fn a_held_request_waits_and_an_edited_id_token_is_signed_again() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            let (probe, provider) = (Probe { fixture }, fixture.provider()?);
            let first = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            provider.proxy.inject(RequestKind::REFRESH, Fault::Hold);
            let release = async {
                let seen = provider.proxy.wait_for(1, RequestKind::REFRESH).await?;
                ensure!(seen[0].is_pending() && !seen[0].processed, "{seen:?}");
                provider.proxy.clear_faults();
                Ok(())
            };
            let (answer, released) = tokio::join!(probe.refresh(&first["refresh_token"]), release);
            released?;
            let second = tokens(&answer?)?;
            let edit = Edit::default()
                .claim("sub", json!("mallory"))
                .remove("refresh_token");
            provider
                .proxy
                .inject(RequestKind::REFRESH, Fault::EditResponse(edit));
            let third = tokens(&probe.refresh(&second["refresh_token"]).await?)?;
            ensure!(third.get("refresh_token").is_none(), "not removed");
            let claims = probe.decoded(&third["id_token"], 1).await?;
            ensure!(claims["sub"] == "mallory", "{claims}");
            provider.check_refreshes(2)?;
            provider.revoke_grants().await?;
            provider.proxy.clear_faults();
            probe.is_refused(&second["refresh_token"]).await
        },
    )
}
