//! What the site keeps in the browser.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::browser::Browser;

/// Every record of the current page, by its key.
#[derive(Clone, Deserialize)]
pub struct BrowserStorage {
    /// What the tab keeps.
    pub session: BTreeMap<String, String>,
    /// What the browser keeps.
    pub local: BTreeMap<String, String>,
}

const READ: &str = "return { session: { ...sessionStorage }, local: { ...localStorage } };";
const SESSION: &str = "velvet-rope.session";

impl BrowserStorage {
    /// What is kept now.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn read(browser: &Browser) -> Result<Self> {
        Ok(serde_json::from_value(
            browser.evaluate(READ, Vec::new()).await?,
        )?)
    }

    /// The keys of what the tab keeps, in order.
    #[must_use]
    pub fn session_keys(&self) -> Vec<&str> {
        self.session.keys().map(String::as_str).collect()
    }

    /// The keys of what the browser keeps, in order.
    #[must_use]
    pub fn local_keys(&self) -> Vec<&str> {
        self.local.keys().map(String::as_str).collect()
    }

    /// The record of the session, wherever it is kept.
    ///
    /// # Errors
    /// When there is none.
    pub fn record(&self) -> Result<Value> {
        let record = self.session.get(SESSION).or(self.local.get(SESSION));
        let record = record.with_context(|| format!("no session in {self:?}"))?;
        Ok(serde_json::from_str(record)?)
    }

    /// Fails when one of the secrets is kept, be it inside a record.
    ///
    /// # Errors
    /// When one is. The message does not repeat it.
    pub fn contains_none_of(&self, secrets: &[String]) -> Result<()> {
        for (key, record) in self.session.iter().chain(&self.local) {
            let secret = secrets.iter().any(|secret| record.contains(secret));
            ensure!(!secret, "{key} has a secret in it");
        }
        Ok(())
    }
}

impl std::fmt::Debug for BrowserStorage {
    /// The keys alone: the records hold tokens.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = [self.session_keys(), self.local_keys()];
        write!(formatter, "session and local storage: {keys:?}")
    }
}
