//! An OpenID provider beside MiniStack: the npm package `oidc-provider`, which is certified, and can what the local
//! cloud cannot: rotate refresh tokens, revoke tokens, and sign in without a page (`prompt=none`).
//!
//! `oidc-provider.mjs` runs it, for one scenario and one public client. It keeps a log of what it was asked, and
//! misbehaves where a test says so.

mod fault;
mod request;
mod settings;

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

pub use fault::{Edit, Fault};
pub use request::{RecordedRequest, RequestKind, sent_twice};
pub use settings::{CLIENT_ID, Settings};

use crate::environment::Environment;
use crate::http::Client;
use crate::wait::{STARTUP_TIMEOUT, eventually};

/// The script, beside the sources of this crate.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oidc-provider.mjs");

/// A running provider. Dropping it kills it.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client: Client,
    _child: Child,
    /// The script ends with it, even when the test process was killed.
    _input: ChildStdin,
    /// Held open: a closed pipe would end the script at its next write.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    /// Starts a provider on a free port. What it complains about goes to `log`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(environment: &Environment, settings: &Settings, log: &Path) -> Result<Self> {
        let log = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut child = Command::new(&environment.node)
            .arg(SCRIPT)
            .arg(&environment.oidc_provider)
            .arg(settings.for_site(&environment.site_url()).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", environment.node.display()))?;
        let input = child.stdin.take().context("the provider has no input")?;
        let output = child.stdout.take().context("the provider has no output")?;
        let mut lines = BufReader::new(output).lines();
        let port = timeout(STARTUP_TIMEOUT, port(&mut lines))
            .await
            .context("the provider does not say that it has started")??;
        Ok(Self {
            issuer: format!("http://{}:{port}", settings.host()),
            client: Client::default(),
            _child: child,
            _input: input,
            _output: lines,
        })
    }

    /// Its issuer identifier, which is also where it is to be found.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The address of a path of it.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// What it was asked so far, in order. Preflights are not among it.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn requests(&self) -> Result<Vec<RecordedRequest>> {
        let seen: Vec<RecordedRequest> = self.ask("log").await?;
        Ok(seen
            .into_iter()
            .filter(|seen| !seen.is_preflight())
            .collect())
    }

    /// What it was asked of this kind so far, in order.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn requests_of(&self, asked: RequestKind) -> Result<Vec<RecordedRequest>> {
        let mut seen = self.requests().await?;
        seen.retain(|seen| asked.matches(seen));
        Ok(seen)
    }

    /// How often it was asked that so far.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn count(&self, asked: RequestKind) -> Result<usize> {
        Ok(self.requests_of(asked).await?.len())
    }

    /// Waits until it was asked that `times` times, answered or not, and returns what was asked.
    ///
    /// # Errors
    /// When it never is.
    pub async fn wait_for(&self, times: usize, asked: RequestKind) -> Result<Vec<RecordedRequest>> {
        let what = format!("{times} requests to the provider: {asked:?}");
        eventually(&what, async || {
            let seen = self.requests_of(asked).await?;
            Ok((seen.len() >= times).then_some(seen))
        })
        .await
    }

    /// Checks that tokens were refreshed exactly `times` times, each time with success, and never with a refresh
    /// token that had been sent before.
    ///
    /// # Errors
    /// When it was otherwise.
    pub async fn check_refreshes(&self, times: usize) -> Result<()> {
        let seen = self.requests_of(RequestKind::Refresh).await?;
        ensure!(
            seen.len() == times,
            "expected {times} refreshes, but there were {seen:#?}"
        );
        let refused = seen.iter().find(|seen| !seen.is_ok());
        ensure!(refused.is_none(), "refused: {refused:#?}");
        self.check_no_token_was_sent_twice().await
    }

    /// Checks that no refresh token was sent twice, whatever came of it.
    ///
    /// # Errors
    /// When one was.
    pub async fn check_no_token_was_sent_twice(&self) -> Result<()> {
        let seen = self.requests_of(RequestKind::Refresh).await?;
        let twice = sent_twice(&seen);
        ensure!(
            twice.is_empty(),
            "refresh tokens that were sent twice: {twice:?} in {seen:#?}"
        );
        Ok(())
    }

    /// Every token that it issued.
    ///
    /// # Errors
    /// When it does not tell.
    pub async fn secrets(&self) -> Result<Vec<String>> {
        self.ask("secrets").await
    }

    /// Forgets what it was asked so far.
    ///
    /// # Errors
    /// When it does not.
    pub async fn clear_requests(&self) -> Result<()> {
        self.tell("forget", json!({})).await
    }

    /// Misbehaves for every request that asks this, until [`Provider::clear_faults`].
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn inject(&self, asked: RequestKind, fault: Fault) -> Result<()> {
        self.tell("faults", fault.rule(asked, None)).await
    }

    /// Misbehaves for the next `times` requests that ask this.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn inject_times(&self, times: usize, asked: RequestKind, fault: Fault) -> Result<()> {
        self.tell("faults", fault.rule(asked, Some(times))).await
    }

    /// Behaves again, and returns what was held.
    ///
    /// # Errors
    /// When it does not.
    pub async fn clear_faults(&self) -> Result<()> {
        self.tell("heal", json!({})).await
    }

    /// Forgets what it was asked, and behaves again.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reset(&self) -> Result<()> {
        self.tell("reset", json!({})).await
    }

    /// Changes these settings, for all tokens issued from now on. The host cannot change.
    ///
    /// # Errors
    /// When it does not take them.
    pub async fn change(&self, settings: &Settings) -> Result<()> {
        self.tell("settings", settings.changes()).await
    }

    /// Signs with a new key from now on. The keys before stay published if `keep`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn rotate_keys(&self, keep: bool) -> Result<()> {
        self.tell("rotate-keys", json!({ "keep": keep })).await
    }

    /// Ends everybody's session at the provider, as its administrator may. Tokens stay good.
    ///
    /// # Errors
    /// When it does not.
    pub async fn end_sessions(&self) -> Result<()> {
        self.tell("end-sessions", json!({})).await
    }

    /// Revokes every issued code and token. Sessions at the provider continue.
    ///
    /// # Errors
    /// When it does not.
    pub async fn revoke_grants(&self) -> Result<()> {
        self.tell("revoke-grants", json!({})).await
    }

    async fn ask<T: DeserializeOwned>(&self, verb: &str) -> Result<T> {
        let answer = self.post(verb, &json!({})).await?;
        serde_json::from_slice(&answer).with_context(|| format!("an odd answer to {verb}"))
    }

    async fn tell(&self, verb: &str, argument: Value) -> Result<()> {
        self.post(verb, &argument).await?;
        Ok(())
    }

    async fn post(&self, verb: &str, argument: &Value) -> Result<Bytes> {
        let address = self.url(&format!("/_test/{verb}"));
        let request = Request::post(&address).body(Full::from(argument.to_string()))?;
        let response = self.client.send(request).await?;
        ensure!(
            response.status().is_success(),
            "{address} answered {}",
            response.status()
        );
        Ok(response.into_body())
    }
}

async fn port(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<u16> {
    while let Some(line) = lines.next_line().await? {
        if let Some(port) = line.strip_prefix("listening on ") {
            return port.parse().with_context(|| format!("not a port: {line}"));
        }
    }
    bail!("the provider ended before it had started")
}
