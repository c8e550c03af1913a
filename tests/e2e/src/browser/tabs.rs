//! Several tabs of one browser: they share cookies and local storage, and each has its own session storage.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};

use super::{Browser, Host};
use crate::wait::eventually;

/// A tab. Commands go to the current tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab(WindowHandle);

/// A window that is opened by a page begins with a copy of that page's session storage (HTML, "creating a new
/// top-level traversable"), like a duplicated tab.
const OPEN_A_COPY: &str = "window.open(arguments[0]);";

/// Opens a tab in the first container, "Personal".
const OPEN_CONTAINER: &str = "
    gBrowser.addTab(arguments[0], {
        userContextId: 1,
        triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
    });";

impl Browser {
    /// The current tab.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn tab(&self) -> Result<Tab> {
        Ok(Tab(self.client.window().await?))
    }

    /// All tabs, in no order.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn tabs(&self) -> Result<Vec<Tab>> {
        Ok(self.client.windows().await?.into_iter().map(Tab).collect())
    }

    /// Opens an address in a new tab and makes it the current tab.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn open_tab(&self, address: &str) -> Result<Tab> {
        let tab = self.open_blank_tab().await?;
        self.open(address).await?;
        Ok(tab)
    }

    /// Opens a new tab without a page and makes it the current tab: clock and network can be set before a
    /// page loads.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn open_blank_tab(&self) -> Result<Tab> {
        let handle = match &self.host {
            Host::Own(_) => self.client.new_window(true).await?.handle,
            Host::Shared { shared, context } => shared.open_tab(context).await?,
        };
        let tab = Tab(handle);
        self.switch_to(&tab).await?;
        Ok(tab)
    }

    /// Opens an address in a new tab that begins with a copy of this page's session storage, as duplicating the
    /// tab does. The new tab is then the current tab.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn duplicate_tab(&self, address: &str) -> Result<Tab> {
        self.wait_for_new_tab(OPEN_A_COPY, vec![json!(address)])
            .await
    }

    /// Runs a script that opens a tab, and makes that the current tab.
    pub(super) async fn wait_for_new_tab(
        &self,
        script: &str,
        arguments: Vec<Value>,
    ) -> Result<Tab> {
        let before = self.handles().await?;
        self.evaluate(script, arguments).await?;
        self.switch_to_new(&before).await
    }

    /// Opens an address in a container tab of Firefox (`Capability::ContainerTabs`), which shares neither cookies nor storage with the
    /// other tabs, and makes it the current tab.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn open_container_tab(&self, address: &str) -> Result<Tab> {
        let before = self.handles().await?;
        self.privileged(OPEN_CONTAINER, vec![json!(address)])
            .await?;
        let tab = self.switch_to_new(&before).await?;
        self.open(address).await?;
        Ok(tab)
    }

    /// Makes the tab that is not among `before` the current tab.
    async fn switch_to_new(&self, before: &BTreeSet<String>) -> Result<Tab> {
        let handle = eventually("the new tab", async || {
            Ok(self.handles().await?.difference(before).next().cloned())
        })
        .await?;
        let tab = Tab(handle.try_into().context("a tab without a name")?);
        self.switch_to(&tab).await?;
        Ok(tab)
    }

    /// Makes `tab` the current, visible tab. The previous tab is hidden and its timers are throttled.
    ///
    /// # Errors
    /// When there is no such tab.
    pub async fn switch_to(&self, tab: &Tab) -> Result<()> {
        self.client
            .switch_to_window(tab.0.clone())
            .await
            .with_context(|| format!("no tab {tab:?}"))
    }

    /// Closes the current tab and switches to `next`.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn close_tab(&self, next: &Tab) -> Result<()> {
        self.client.close_window().await?;
        self.switch_to(next).await
    }

    /// Freezes the current page, as browsers do with background pages (the state
    /// "frozen" of the Page Lifecycle specification). Scripts of a test still run. It resumes when the test switches to it
    /// from another tab.
    ///
    /// # Errors
    /// When the WebDriver command fails.
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
