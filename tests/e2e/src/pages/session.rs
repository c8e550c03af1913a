//! The page that shows the session.

use anyhow::Result;

use crate::browser::{Browser, Locator, Role};

/// What the page says after a renewal.
const RENEWED: &str = "The tokens are new.";

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct SessionPage<'a> {
    browser: &'a Browser,
}

impl<'a> SessionPage<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The title of the page.
    #[must_use]
    pub fn heading(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Heading, "Your session")
    }

    /// A part of the page.
    #[must_use]
    pub fn part(self, name: &str) -> Locator<'a> {
        self.browser.get_by_role(Role::Region, name)
    }

    /// What the page says under a name, such as `Next renewal`, once it says what is wanted.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_value(self, part: &str, name: &str, wanted: &str) -> Result<()> {
        // The name and its value are one line of the list each.
        let line = [name, "\n", wanted].concat();
        self.part(part).wait_for_text(&line).await?;
        Ok(())
    }

    /// Renews the tokens by hand, and waits until the page confirms it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn renew_now(self) -> Result<()> {
        self.renew(RENEWED).await
    }

    /// Renews the tokens by hand, and waits for what is said of it.
    ///
    /// # Errors
    /// When something else is said.
    pub async fn renew(self, said: &str) -> Result<()> {
        let part = self.part("Actions");
        part.get_by_role(Role::Button, "Renew now").click().await?;
        part.wait_for_text(said).await?;
        Ok(())
    }
}
