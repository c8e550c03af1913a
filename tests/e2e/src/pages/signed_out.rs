//! The page after signing out.

use crate::browser::{Browser, Locator, Role};

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct SignedOut<'a> {
    browser: &'a Browser,
}

impl<'a> SignedOut<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The title of the page.
    #[must_use]
    pub fn heading(self) -> Locator<'a> {
        self.browser
            .get_by_role(Role::Heading, "You are signed out")
    }

    /// The title of the page for a user who opened it while signed in.
    #[must_use]
    pub fn still_signed_in(self) -> Locator<'a> {
        self.browser
            .get_by_role(Role::Heading, "You are still signed in")
    }

    /// The button that signs in again.
    #[must_use]
    pub fn sign_in_again(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, "Sign in again")
    }

    /// The way to the start page.
    #[must_use]
    pub fn start_page(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Link, "Go to the start page")
    }
}
