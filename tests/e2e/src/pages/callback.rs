//! The page that answers the callback, when there is something to be said.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Notice;
use crate::browser::{Browser, Locator, Role};
use crate::wait::TIMEOUT;

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
        self.notice_within(TIMEOUT, title).await
    }

    /// As [`Callback::notice`], for longer or shorter than usual.
    ///
    /// # Errors
    /// When it does not appear, or the address still has parameters.
    pub async fn notice_within(self, timeout: Duration, title: &str) -> Result<Notice> {
        let notice = Notice::wait_within(timeout, title, &self.region()).await?;
        self.browser
            .get_by_role(Role::Heading, "This sign-in failed")
            .element()
            .await?;
        let address = self.browser.url().await?;
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
        self.browser.get_by_role(Role::Region, "Sign-in")
    }

    /// The way to the start page.
    #[must_use]
    pub fn start_page(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Link, "Go to the start page")
    }
}
