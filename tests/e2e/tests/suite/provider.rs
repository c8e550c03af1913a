//! The OpenID provider itself: what the other scenarios take for granted about it.

use anyhow::ensure;
use serde_json::{Value, json};
use url::Url;
use velvet_rope_e2e::here;
use velvet_rope_e2e::oidc::{Asked, CLIENT_ID, Edit, Fault, Settings};
use velvet_rope_e2e::proxy::Answer;
use velvet_rope_e2e::site::Policy;
use velvet_rope_e2e::stage::{Setup, Verdict, play};

use crate::probe::{PROBE, Probe, tokens};

#[test]
fn a_spent_refresh_token_is_refused_and_takes_its_successor_with_it() -> Verdict {
    let setup = Setup::with_provider(Settings::default().access_token_lifetime(77));
    play(here!(), setup, async |stage| {
        let (probe, provider) = (Probe { stage }, stage.provider()?);
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
        provider.check_refreshes(1).await?;
        probe.is_refused(&first["refresh_token"]).await?;
        ensure!(
            provider.check_no_token_was_sent_twice().await.is_err(),
            "the log has no token twice"
        );
        probe.is_refused(&second["refresh_token"]).await?;
        let outcomes = provider.seen(Asked::Token).await?;
        let outcomes: Vec<&str> = outcomes.iter().map(|seen| &*seen.outcome).collect();
        ensure!(
            outcomes == ["ok", "ok", "invalid_grant", "invalid_grant"],
            "{outcomes:?}"
        );
        Ok(())
    })
}

#[test]
fn a_site_with_a_provider_is_told_so_in_its_configuration() -> Verdict {
    let setup = Setup::with_provider(Settings::default())
        .config(|config| config["session"] = json!({ "storage": "local" }));
    play(here!(), setup, async |stage| {
        let probe = Probe { stage };
        stage.open(PROBE).await?;
        let config = probe.fetch_from(&stage.site.url("/config.json")).await?;
        let config = &config["body"];
        ensure!(
            config["oidc"]["issuer"] == stage.provider()?.issuer(),
            "{config}"
        );
        ensure!(config["session"]["storage"] == "local", "{config}");
        ensure!(config.get("user_pool").is_none(), "{config}");
        ensure!(config["api"].is_object(), "{config}");
        Ok(())
    })
}

#[test]
fn the_site_reads_discovery_and_keys_and_sees_new_keys() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let (probe, provider) = (Probe { stage }, stage.provider()?);
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
fn signing_in_without_a_page_takes_a_session_at_the_provider() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let (probe, provider) = (Probe { stage }, stage.provider()?);
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
            stage.browser.open_tab(&stage.site.url(PROBE)).await?;
            probe.exchange(&probe.code_silently().await?).await?;
            provider.end_sessions().await?;
            login_required().await?;
            tokens(&probe.refresh(&first["refresh_token"]).await?)?;
            let silent = provider.seen(Asked::Authorization).await?;
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
fn in_a_frame_a_session_at_the_provider_counts_only_if_both_are_of_one_site() -> Verdict {
    for (settings, name, expected) in [
        (Settings::default(), "state", "the-state"),
        (
            Settings::default().on_another_site(),
            "error",
            "login_required",
        ),
    ] {
        // The site's policy allows no frames: this one stands for sites that do.
        let setup = Setup::with_provider(settings).policy(Policy::Absent);
        play(here!(), setup, async |stage| {
            let probe = Probe { stage };
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
fn revoking_and_signing_out_end_what_they_are_for() -> Verdict {
    let setup = Setup::with_provider(Settings::default().confirm_sign_out(true));
    play(here!(), setup, async |stage| {
        let (probe, provider) = (Probe { stage }, stage.provider()?);
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
            .append_pair("post_logout_redirect_uri", &stage.site.url(PROBE))
            .append_pair("state", "signed-out");
        for confirmed in [true, false] {
            provider
                .change(&Settings::default().confirm_sign_out(confirmed))
                .await?;
            stage.browser.open(address.as_str()).await?;
            if confirmed {
                stage.provider_pages().confirm_sign_out().click().await?;
            }
            let answer = probe.answer().await?;
            ensure!(answer["state"] == "signed-out", "{answer:?}");
            let silent = probe.silently().await?;
            ensure!(silent.contains_key("error"), "still signed in: {silent:?}");
            probe.code_from_form("alice").await?;
        }
        ensure!(provider.count(Asked::EndSession).await? == 2, "not logged");
        Ok(())
    })
}

#[test]
fn what_is_refused_beforehand_spends_no_token_and_what_is_lost_afterwards_does() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let (probe, provider) = (Probe { stage }, stage.provider()?);
            let mut held = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            for fault in [
                Fault::Answer(Answer::json(429, &json!({})).header("retry-after", "1")),
                Fault::Reset,
            ] {
                provider.set_times(1, Asked::Refresh, fault.clone()).await?;
                let answer = probe.refresh(&held["refresh_token"]).await?;
                let failed = answer["failure"].is_string() || answer["status"] == 429;
                ensure!(failed, "{fault:?}: {answer}");
                held = tokens(&probe.refresh(&held["refresh_token"]).await?)?;
            }
            for fault in [
                Fault::DropReply,
                Fault::CutReply,
                Fault::AnswerAfter(Answer::json(503, &json!({}))),
            ] {
                provider.forget().await?;
                provider.set_times(1, Asked::Refresh, fault.clone()).await?;
                let answer = probe.refresh(&held["refresh_token"]).await?;
                let failed = answer["failure"].is_string() || answer["status"] == 503;
                ensure!(failed, "{fault:?}: {answer}");
                // The browser has not sent it again by itself.
                provider.check_refreshes(1).await?;
                probe.is_refused(&held["refresh_token"]).await?;
                held = probe.exchange(&probe.code_silently().await?).await?;
            }
            Ok(())
        },
    )
}

#[test]
fn a_request_that_is_held_waits_and_an_answer_that_is_edited_is_signed_anew() -> Verdict {
    play(
        here!(),
        Setup::with_provider(Settings::default()),
        async |stage| {
            let (probe, provider) = (Probe { stage }, stage.provider()?);
            let first = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            provider.set(Asked::Refresh, Fault::Hold).await?;
            let release = async {
                let seen = provider.wait_for(1, Asked::Refresh).await?;
                ensure!(seen[0].is_pending() && !seen[0].processed, "{seen:?}");
                provider.heal().await
            };
            let (answer, released) = tokio::join!(probe.refresh(&first["refresh_token"]), release);
            released?;
            let second = tokens(&answer?)?;
            let edit = Edit::default()
                .claim("sub", json!("mallory"))
                .remove("refresh_token");
            provider.set(Asked::Refresh, Fault::EditReply(edit)).await?;
            let third = tokens(&probe.refresh(&second["refresh_token"]).await?)?;
            ensure!(third.get("refresh_token").is_none(), "not removed");
            let claims = probe.decoded(&third["id_token"], 1).await?;
            ensure!(claims["sub"] == "mallory", "{claims}");
            provider.check_refreshes(2).await?;
            provider.revoke_grants().await?;
            provider.heal().await?;
            probe.is_refused(&second["refresh_token"]).await
        },
    )
}
