//! The start page.

use anyhow::{Context as _, Result};

use super::{Card, Notice};
use crate::browser::{Browser, Locator, Role};

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    browser: &'a Browser,
}

impl<'a> Home<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The title of the page.
    #[must_use]
    pub fn heading(self) -> Locator<'a> {
        self.browser
            .get_by_role(Role::Heading, "Behind the velvet rope")
    }

    /// The part that says who one is.
    #[must_use]
    pub fn auth_state(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Region, "Sign-in status")
    }

    /// Waits until the page says that one is a guest.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_guest(self) -> Result<()> {
        self.auth_state().wait_for_text("You are a guest").await?;
        Ok(())
    }

    /// Waits until the page says that one is `user`, and returns the user id that it shows.
    ///
    /// # Errors
    /// When it does not.
    pub async fn user_id(self, user: &str) -> Result<String> {
        self.auth_state()
            .wait_for_text(&format!("You are signed in as {user}"))
            .await?;
        let script = "return [...arguments[0].querySelectorAll('dt')]
            .find(term => term.innerText === 'User id')?.nextElementSibling.innerText ?? null;";
        let id = self.auth_state().evaluate(script).await?;
        id.as_str()
            .map(str::to_owned)
            .context("the page shows no user id")
    }

    /// Waits for the notice with this title in the part that says who one is.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn notice(self, title: &str) -> Result<Notice> {
        Notice::wait_for(title, &self.auth_state()).await
    }

    /// The card of a route.
    #[must_use]
    pub fn card(self, route: &str) -> Card<'a> {
        Card::new(self.browser, route)
    }

    /// The card of the open demo route.
    #[must_use]
    pub fn open_route(self) -> Card<'a> {
        self.card("Open route")
    }

    /// The card of the protected demo route.
    #[must_use]
    pub fn protected_route(self) -> Card<'a> {
        self.card("Protected route")
    }
}
