//! Scripts in the window of Firefox itself, which may do what WebDriver has no command for.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::command::Command;
use super::{Browser, Engine};

impl Browser {
    /// Runs a script beside the current tab instead of in its page, and returns its result.
    pub(super) async fn privileged(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.set_context("chrome").await?;
        let outcome = self.client.execute(script, arguments).await;
        self.set_context("content").await?;
        outcome.context("the window of the browser did not run a script")
    }

    /// Gives the page the focus of the window. Headless Firefox loses it when a page of another site replaces a page, and then a key
    /// presses no button.
    pub(super) async fn focus_page(&self) -> Result<()> {
        if self.engine == Engine::Firefox {
            let script = "gBrowser.selectedBrowser.focus();";
            self.privileged(script, Vec::new()).await?;
        }
        Ok(())
    }

    async fn set_context(&self, context: &str) -> Result<()> {
        let context = json!({ "context": context });
        self.command(Command::post("moz/context", context)).await?;
        Ok(())
    }
}
