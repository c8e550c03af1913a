//! An OpenID provider beside MiniStack: the npm package `oidc-provider`, which is certified. Unlike the local cloud it
//! rotates and revokes refresh tokens, and signs in with `prompt=none`.
//!
//! One Node.js process (`oidc-provider.mjs`) runs the providers of all tests. Each has its own port behind a [`Proxy`],
//! which records its requests and injects faults.

mod process;
mod settings;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

pub use settings::{CLIENT_ID, Settings};

use crate::environment::Environment;
use crate::http::Client;
use crate::proxy::{Proxy, ProxyListener, RequestKind, sent_twice};

/// The log of the process, in the folder of artifacts.
pub(crate) const LOG: &str = "provider.log";

/// A running provider.
#[derive(Debug)]
pub struct Provider {
    /// The proxy in front of it, at the address of the issuer.
    pub proxy: Proxy,
    issuer: String,
    /// Where the provider itself listens.
    server: String,
    client: Client,
}

impl Provider {
    /// Starts a provider.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(environment: &Environment, settings: &Settings) -> Result<Self> {
        let listener = ProxyListener::bind(settings.port()).await?;
        let issuer = format!("http://{}:{}", settings.host(), listener.port());
        let client = Client::default();
        let control = process::control_port(environment).await?;
        let mut settings = settings.for_site(&environment.site_url());
        settings["issuer"] = json!(issuer);
        let control = format!("http://127.0.0.1:{control}/");
        let port: u16 = serde_json::from_slice(&post(&client, &control, &settings).await?)
            .context("the provider has no port")?;
        let server = format!("http://127.0.0.1:{port}");
        Ok(Self {
            proxy: listener.forward_to(&server),
            issuer,
            server,
            client,
        })
    }

    /// Its issuer identifier, which is also its address.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The URL of a path of it.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Checks that tokens were refreshed exactly `times` times, always with success and with an unused token.
    ///
    /// # Errors
    /// When that is not so.
    pub fn check_refreshes(&self, times: usize) -> Result<()> {
        let requests = self.proxy.requests_of(RequestKind::REFRESH);
        ensure!(
            requests.len() == times,
            "expected {times} refreshes, but there were {requests:#?}"
        );
        let refused = requests.iter().find(|request| !request.is_ok());
        ensure!(refused.is_none(), "refused: {refused:#?}");
        self.check_no_token_was_sent_twice()
    }

    /// Checks that no refresh token was sent twice, successful or not.
    ///
    /// # Errors
    /// When one was.
    pub fn check_no_token_was_sent_twice(&self) -> Result<()> {
        let requests = self.proxy.requests_of(RequestKind::REFRESH);
        let twice = sent_twice(&requests);
        ensure!(
            twice.is_empty(),
            "refresh tokens that were sent twice: {twice:?} in {requests:#?}"
        );
        Ok(())
    }

    /// Changes these settings for all tokens issued from now on. Host and port cannot change.
    ///
    /// # Errors
    /// When the provider refuses them.
    pub async fn change(&self, settings: &Settings) -> Result<()> {
        self.control("settings", settings.changes()).await
    }

    /// Signs with a new key from now on. With `keep` the old keys stay published.
    ///
    /// # Errors
    /// When the provider does not respond.
    pub async fn rotate_keys(&self, keep: bool) -> Result<()> {
        self.control("rotate-keys", json!({ "keep": keep })).await
    }

    /// Ends all sessions at the provider, as its administrator may. Tokens stay valid.
    ///
    /// # Errors
    /// When the provider does not respond.
    pub async fn end_sessions(&self) -> Result<()> {
        self.control("end-sessions", json!({})).await
    }

    /// Revokes every issued code and token. Sessions at the provider continue.
    ///
    /// # Errors
    /// When the provider does not respond.
    pub async fn revoke_grants(&self) -> Result<()> {
        self.control("revoke-grants", json!({})).await
    }

    async fn control(&self, action: &str, argument: Value) -> Result<()> {
        let address = format!("{}/_test/{action}", self.server);
        post(&self.client, &address, &argument).await?;
        Ok(())
    }

    /// The log of all providers of this process.
    pub(crate) fn save_log(environment: &Environment, folder: &Path) -> Result<()> {
        std::fs::copy(environment.artifacts.join(LOG), folder.join(LOG))?;
        Ok(())
    }
}

async fn post(client: &Client, address: &str, argument: &Value) -> Result<Bytes> {
    let request = Request::post(address).body(Full::from(argument.to_string()))?;
    let response = client.send(request).await?;
    ensure!(
        response.status().is_success(),
        "{address} responded {}",
        response.status()
    );
    Ok(response.into_body())
}
