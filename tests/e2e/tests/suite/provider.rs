//! The OpenID provider itself, driven from a page of the site but past the application: what the other scenarios
//! take for granted about it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use url::Url;
use velvet_rope_e2e::here;
use velvet_rope_e2e::oidc::{Asked, CLIENT_ID, Edit, Fault, Settings};
use velvet_rope_e2e::proxy::Answer;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};
use velvet_rope_e2e::wait::eventually;

/// A path that the provider may send people to and that the application does nothing with.
const PROBE: &str = "/probe";

/// RFC 7636, appendix B.
const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Fetches from the page at hand: `arguments[0]`, with the form `arguments[1]` if there is one.
const FETCH: &str = "
    const [address, form, done] = arguments;
    const request = form ? { method: 'POST', body: new URLSearchParams(form) } : {};
    fetch(address, request)
        .then(async answer => {
            const text = await answer.text();
            return { status: answer.status, body: text && JSON.parse(text) };
        })
        .then(done, error => done({ failure: String(error) }));";

/// Opens `arguments[0]` in a frame, and answers what the frame comes back to this site with.
const FRAME: &str = "
    const [address, done] = arguments;
    const frame = document.createElement('iframe');
    frame.onload = () => {
        try {
            done(Object.fromEntries(new URLSearchParams(frame.contentWindow.location.search)));
        } catch (error) {
            done({ failure: String(error) });
        }
    };
    frame.src = address;
    document.body.append(frame);";

/// A probe of the provider.
struct Probe<'a> {
    stage: &'a Stage,
}

impl Probe<'_> {
    /// Where a sign-in begins.
    fn authorize(&self, more: &[(&str, &str)]) -> Result<String> {
        let redirect_uri = self.stage.site.url(PROBE);
        let mut address = Url::parse(&self.stage.provider()?.url("/auth"))?;
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("scope", "openid email profile offline_access")
            .append_pair("state", "the-state")
            .append_pair("nonce", "the-nonce")
            .append_pair("code_challenge", CODE_CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(more);
        Ok(address.into())
    }

    /// What the provider sends the browser back with.
    async fn answer(&self) -> Result<BTreeMap<String, String>> {
        eventually("the way back from the provider", async || {
            let address = self.stage.browser.address().await?;
            let answer: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
            let is_back = address.path() == PROBE && answer.contains_key("state");
            ensure!(is_back, "the address is {address}");
            Ok(Some(answer))
        })
        .await
    }

    /// Signs in with the form, and answers the code.
    async fn code_from_form(&self, user: &str) -> Result<String> {
        self.stage.browser.open(&self.authorize(&[])?).await?;
        let pages = self.stage.provider_pages();
        pages.sign_in(user, "any password").await?;
        self.code().await
    }

    /// Signs in without a page, and answers what came of it.
    async fn silently(&self) -> Result<BTreeMap<String, String>> {
        let address = self.authorize(&[("prompt", "none")])?;
        self.stage.browser.open(&address).await?;
        self.answer().await
    }

    /// Signs in without a page, and answers the code.
    async fn code_silently(&self) -> Result<String> {
        self.silently().await?;
        self.code().await
    }

    /// The code that the provider sends the browser back with.
    async fn code(&self) -> Result<String> {
        let mut answer = self.answer().await?;
        let code = answer.remove("code");
        code.with_context(|| format!("no code in {answer:?}"))
    }

    /// Signs in without a page, in a frame of the page at hand, and answers what came of it.
    async fn in_a_frame(&self) -> Result<Value> {
        let arguments = vec![json!(self.authorize(&[("prompt", "none")])?)];
        let client = self.stage.browser.client();
        Ok(client.execute_async(FRAME, arguments).await?)
    }

    async fn fetch(&self, path: &str, form: Value) -> Result<Value> {
        let address = self.stage.provider()?.url(path);
        let client = self.stage.browser.client();
        Ok(client
            .execute_async(FETCH, vec![json!(address), form])
            .await?)
    }

    async fn exchange(&self, code: &str) -> Result<Value> {
        let form = json!({
            "grant_type": "authorization_code", "client_id": CLIENT_ID, "code": code,
            "redirect_uri": self.stage.site.url(PROBE), "code_verifier": CODE_VERIFIER,
        });
        tokens(&self.fetch("/token", form).await?)
    }

    async fn refresh(&self, refresh_token: &Value) -> Result<Value> {
        let form = json!({
            "grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": refresh_token,
        });
        self.fetch("/token", form).await
    }

    /// Checks that a refresh token is good for nothing.
    async fn is_refused(&self, refresh_token: &Value) -> Result<()> {
        let answer = self.refresh(refresh_token).await?;
        ensure!(
            answer["status"] == 400 && answer["body"]["error"] == "invalid_grant",
            "expected a refusal: {answer}"
        );
        Ok(())
    }

    async fn key_ids(&self) -> Result<Vec<Value>> {
        let answer = self.fetch("/jwks", Value::Null).await?;
        let keys = answer["body"]["keys"]
            .as_array()
            .with_context(|| format!("no keys in {answer}"))?;
        Ok(keys.iter().map(|key| key["kid"].clone()).collect())
    }

    /// What a part of a token says: the header (0) or the claims (1).
    async fn decoded(&self, token: &Value, part: usize) -> Result<Value> {
        let script = "
            const part = arguments[0].split('.')[arguments[1]].replaceAll('-', '+').replaceAll('_', '/');
            return JSON.parse(atob(part));";
        let arguments = vec![token.clone(), json!(part)];
        self.stage.browser.run(script, arguments).await
    }
}

/// The tokens in an answer.
fn tokens(answer: &Value) -> Result<Value> {
    ensure!(
        answer["status"] == 200 && answer["body"]["access_token"].is_string(),
        "expected tokens: {answer}"
    );
    Ok(answer["body"].clone())
}

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
            let tokens = probe
                .exchange(&probe.code_from_form("alice").await?)
                .await?;
            probe.exchange(&probe.code_silently().await?).await?;
            stage.browser.open_tab(&stage.site.url(PROBE)).await?;
            probe.exchange(&probe.code_silently().await?).await?;
            provider.end_sessions().await?;
            login_required().await?;
            self::tokens(&probe.refresh(&tokens["refresh_token"]).await?)?;
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
        play(here!(), Setup::with_provider(settings), async |stage| {
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
