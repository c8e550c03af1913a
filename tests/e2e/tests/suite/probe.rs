//! Requests to an OpenID provider from a page of the site, without the application.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use url::Url;
use velvet_rope_e2e::fixture::Fixture;
use velvet_rope_e2e::oidc::CLIENT_ID;
use velvet_rope_e2e::wait::eventually;

/// A registered redirect path that the application does not handle.
pub(crate) const PROBE: &str = "/probe";

/// RFC 7636, appendix B.
const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Fetches `arguments[0]` in the current page, with the form `arguments[1]` if given.
const FETCH: &str = "
    const [address, form, done] = arguments;
    const request = form ? { method: 'POST', body: new URLSearchParams(form) } : {};
    fetch(address, request)
        .then(async answer => {
            const text = await answer.text();
            return { status: answer.status, body: text && JSON.parse(text) };
        })
        .then(done, error => done({ failure: String(error) }));";

/// Opens `arguments[0]` in a frame, and returns the parameters of its redirect to the site.
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

/// A client of the provider in the current page.
pub(crate) struct Probe<'a> {
    pub(crate) fixture: &'a Fixture,
}

impl Probe<'_> {
    /// The URL of an authorization request.
    fn authorize(&self, more: &[(&str, &str)]) -> Result<String> {
        let redirect_uri = self.fixture.site.url(PROBE);
        let mut address = Url::parse(&self.fixture.provider()?.url("/auth"))?;
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

    /// The parameters of the redirect from the provider.
    pub(crate) async fn answer(&self) -> Result<BTreeMap<String, String>> {
        eventually("the redirect from the provider", async || {
            let address = self.fixture.browser.url().await?;
            let answer: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
            let is_back = address.path() == PROBE && answer.contains_key("state");
            ensure!(is_back, "the address is {address}");
            Ok(Some(answer))
        })
        .await
    }

    /// Signs in with the form, and returns the code.
    pub(crate) async fn code_from_form(&self, user: &str) -> Result<String> {
        self.fixture.browser.open(&self.authorize(&[])?).await?;
        let pages = self.fixture.provider_pages();
        pages.sign_in(user, "any password").await?;
        self.code().await
    }

    /// Signs in with `prompt=none`, and returns the outcome.
    pub(crate) async fn silently(&self) -> Result<BTreeMap<String, String>> {
        let address = self.authorize(&[("prompt", "none")])?;
        self.fixture.browser.open(&address).await?;
        self.answer().await
    }

    /// Signs in with `prompt=none`, and returns the code.
    pub(crate) async fn code_silently(&self) -> Result<String> {
        self.silently().await?;
        self.code().await
    }

    /// The code in the redirect.
    async fn code(&self) -> Result<String> {
        let mut answer = self.answer().await?;
        let code = answer.remove("code");
        code.with_context(|| format!("no code in {answer:?}"))
    }

    /// Signs in with `prompt=none` in a frame of the current page, and returns the outcome.
    pub(crate) async fn in_a_frame(&self) -> Result<Value> {
        let arguments = vec![json!(self.authorize(&[("prompt", "none")])?)];
        let client = self.fixture.browser.client();
        Ok(client.execute_async(FRAME, arguments).await?)
    }

    /// Reads a path of the provider, or posts `form` to it.
    pub(crate) async fn fetch(&self, path: &str, form: Value) -> Result<Value> {
        let address = self.fixture.provider()?.url(path);
        self.send(&address, form).await
    }

    /// Fetches any URL.
    pub(crate) async fn fetch_from(&self, address: &str) -> Result<Value> {
        self.send(address, Value::Null).await
    }

    async fn send(&self, address: &str, form: Value) -> Result<Value> {
        let client = self.fixture.browser.client();
        let arguments = vec![json!(address), form];
        Ok(client.execute_async(FETCH, arguments).await?)
    }

    pub(crate) async fn exchange(&self, code: &str) -> Result<Value> {
        let form = json!({
            "grant_type": "authorization_code", "client_id": CLIENT_ID, "code": code,
            "redirect_uri": self.fixture.site.url(PROBE), "code_verifier": CODE_VERIFIER,
        });
        tokens(&self.fetch("/token", form).await?)
    }

    pub(crate) async fn refresh(&self, refresh_token: &Value) -> Result<Value> {
        let form = json!({
            "grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": refresh_token,
        });
        self.fetch("/token", form).await
    }

    /// Checks that the provider refuses a refresh token.
    pub(crate) async fn is_refused(&self, refresh_token: &Value) -> Result<()> {
        let answer = self.refresh(refresh_token).await?;
        ensure!(
            answer["status"] == 400 && answer["body"]["error"] == "invalid_grant",
            "expected a refusal: {answer}"
        );
        Ok(())
    }

    pub(crate) async fn key_ids(&self) -> Result<Vec<Value>> {
        let answer = self.fetch("/jwks", Value::Null).await?;
        let keys = answer["body"]["keys"]
            .as_array()
            .with_context(|| format!("no keys in {answer}"))?;
        Ok(keys.iter().map(|key| key["kid"].clone()).collect())
    }

    /// The decoded header (0) or claims (1) of a token.
    pub(crate) async fn decoded(&self, token: &Value, part: usize) -> Result<Value> {
        let script = "
            const part = arguments[0].split('.')[arguments[1]].replaceAll('-', '+').replaceAll('_', '/');
            return JSON.parse(atob(part));";
        let arguments = vec![token.clone(), json!(part)];
        self.fixture.browser.evaluate(script, arguments).await
    }
}

/// The tokens in an answer.
pub(crate) fn tokens(answer: &Value) -> Result<Value> {
    ensure!(
        answer["status"] == 200 && answer["body"]["access_token"].is_string(),
        "expected tokens: {answer}"
    );
    Ok(answer["body"].clone())
}
