//! The page for sites without a configuration.

use anyhow::Result;

use crate::browser::{Browser, Locator, Role};

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct SetupPage<'a> {
    browser: &'a Browser,
}

impl<'a> SetupPage<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// Waits for the page with this title, and returns all that it says.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn wait_for_title(self, title: &str) -> Result<String> {
        self.browser
            .get_by_role(Role::Heading, title)
            .element()
            .await?;
        self.browser
            .first_by_role(Role::Main)
            .wait_for_text(title)
            .await
    }

    /// The lines of the list of mistakes.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn mistakes(self) -> Result<Vec<String>> {
        let script = "return [...arguments[0].querySelectorAll('.mistakes li')].map(item => item.innerText);";
        Ok(serde_json::from_value(
            self.browser
                .first_by_role(Role::Main)
                .evaluate(script)
                .await?,
        )?)
    }

    /// The button that loads the configuration again.
    #[must_use]
    pub fn load_again(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, "Load again")
    }
}
