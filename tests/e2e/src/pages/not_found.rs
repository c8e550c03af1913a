//! The page for addresses that lead nowhere.

use crate::browser::{Browser, Locator, Role};

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct NotFound<'a> {
    browser: &'a Browser,
}

impl<'a> NotFound<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The title of the page.
    #[must_use]
    pub fn heading(self) -> Locator<'a> {
        self.browser
            .get_by_role(Role::Heading, "There is no such page")
    }

    /// All that is on the page.
    #[must_use]
    pub fn main(self) -> Locator<'a> {
        self.browser.first_by_role(Role::Main)
    }

    /// The way to the start page.
    #[must_use]
    pub fn start_page(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Link, "Go to the start page")
    }
}
