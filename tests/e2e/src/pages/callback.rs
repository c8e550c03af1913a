//! The page that answers the callback, when there is something to be said.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Notice;
use crate::browser::{Browser, Locator, Role};
use crate::wait::PATIENCE;

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    browser: &'a Browser,
}

impl<'a> Callback<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// Waits for the notice with this title, and checks that the address bar no longer shows what came back.
    ///
    /// # Errors
    /// When it does not appear, or the address still has parameters.
    pub async fn notice(self, title: &str) -> Result<Notice> {
        self.notice_within(PATIENCE, title).await
    }

    /// As [`Callback::notice`], for longer or shorter than usual.
    ///
    /// # Errors
    /// When it does not appear, or the address still has parameters.
    pub async fn notice_within(self, patience: Duration, title: &str) -> Result<Notice> {
        let notice = Notice::titled_within(patience, title, &self.region()).await?;
        self.browser
            .at(Role::Heading, "You are not signed in by this")
            .element()
            .await?;
        let address = self.browser.address().await?;
        ensure!(
            address.path() == "/authenticated",
            "the address is {address}"
        );
        ensure!(
            address.query().is_none() && address.fragment().is_none(),
            "the address was not cleaned: {address}"
        );
        Ok(notice)
    }

    /// The part that says what became of the sign-in.
    #[must_use]
    pub fn region(self) -> Locator<'a> {
        self.browser.at(Role::Region, "Sign-in")
    }

    /// The way to the start page.
    #[must_use]
    pub fn start_page(self) -> Locator<'a> {
        self.browser.at(Role::Link, "Go to the start page")
    }
}
