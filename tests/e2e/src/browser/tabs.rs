//! Several tabs of one browser: they share cookies and local storage, and each has a session storage of its own.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use fantoccini::wd::WindowHandle;
use serde_json::json;

use super::Browser;
use crate::wait::eventually;

/// A tab. Pages are asked about, and act, only in the tab at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab(WindowHandle);

/// A window that is opened by a page begins with a copy of that page's session storage (HTML, "creating a new
/// top-level traversable"), like a tab that a person duplicates.
const OPEN_A_COPY: &str = "window.open(arguments[0]);";

impl Browser {
    /// The tab at hand.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn tab(&self) -> Result<Tab> {
        Ok(Tab(self.client.window().await?))
    }

    /// All tabs, in no order.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn tabs(&self) -> Result<Vec<Tab>> {
        Ok(self.client.windows().await?.into_iter().map(Tab).collect())
    }

    /// Opens an address in a new tab, which is then the one at hand.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn open_tab(&self, address: &str) -> Result<Tab> {
        let tab = self.open_blank_tab().await?;
        self.open(address).await?;
        Ok(tab)
    }

    /// Opens a new tab without a page, which is then the one at hand: time and network can be set before there is
    /// anything to notice them.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn open_blank_tab(&self) -> Result<Tab> {
        let tab = Tab(self.client.new_window(true).await?.handle);
        self.switch_to(&tab).await?;
        Ok(tab)
    }

    /// Opens an address in a new tab that begins with a copy of this page's session storage, as duplicating the
    /// tab does. The new tab is then the one at hand.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn duplicate_tab(&self, address: &str) -> Result<Tab> {
        let before: BTreeSet<String> = self.handles().await?;
        self.evaluate(OPEN_A_COPY, vec![json!(address)]).await?;
        let handle = eventually("the new tab", async || {
            Ok(self.handles().await?.difference(&before).next().cloned())
        })
        .await?;
        let tab = Tab(handle.try_into().context("a tab without a name")?);
        self.switch_to(&tab).await?;
        Ok(tab)
    }

    /// Makes `tab` the one at hand, and visible. The one before is hidden, and its timers are slow.
    ///
    /// # Errors
    /// When there is no such tab.
    pub async fn switch_to(&self, tab: &Tab) -> Result<()> {
        self.client
            .switch_to_window(tab.0.clone())
            .await
            .with_context(|| format!("no tab {tab:?}"))
    }

    /// Closes the tab at hand and goes on in `next`.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn close_tab(&self, next: &Tab) -> Result<()> {
        self.client.close_window().await?;
        self.switch_to(next).await
    }

    /// Hides the page at hand and stops it, as browsers do with pages that nobody has looked at for long (the state
    /// "frozen" of the Page Lifecycle specification). Scripts of a test still run. It goes on when it is switched to
    /// from another tab.
    ///
    /// # Errors
    /// When the browser does not do so.
    pub async fn freeze(&self) -> Result<()> {
        let frozen = json!({ "state": "frozen" });
        self.devtools("Page.setWebLifecycleState", frozen).await?;
        Ok(())
    }

    async fn handles(&self) -> Result<BTreeSet<String>> {
        Ok(self
            .client
            .windows()
            .await?
            .into_iter()
            .map(String::from)
            .collect())
    }
}
