//! Scripts in the window of Firefox itself, which may do what WebDriver has no command for.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Browser;
use super::command::Command;

impl Browser {
    /// Runs a script beside the current tab instead of in its page, and returns its result.
    pub(super) async fn privileged(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.set_context("chrome").await?;
        let outcome = self.client.execute(script, arguments).await;
        self.set_context("content").await?;
        outcome.context("the window of the browser did not run a script")
    }

    async fn set_context(&self, context: &str) -> Result<()> {
        let context = json!({ "context": context });
        self.command(Command::post("moz/context", context)).await?;
        Ok(())
    }
}
