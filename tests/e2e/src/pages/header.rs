//! The bar on top of every page.

use anyhow::Result;

use crate::browser::{Browser, Locator, Role};
use crate::pages::HostedUi;

/// The bar.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    browser: &'a Browser,
}

impl<'a> Header<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The part that is about the account.
    #[must_use]
    pub fn account(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Navigation, "Account")
    }

    /// The button that leaves for the hosted UI.
    #[must_use]
    pub fn sign_in(self) -> Locator<'a> {
        self.account().get_by_role(Role::Button, "Sign in")
    }

    /// The user menu, labelled with the user's name.
    #[must_use]
    pub fn user_menu(self, user: &str) -> Locator<'a> {
        self.account().get_by_role(Role::Button, user)
    }

    /// The button inside the menu.
    #[must_use]
    pub fn sign_out(self) -> Locator<'a> {
        self.account().get_by_role(Role::Button, "Sign out")
    }

    /// Leaves for the hosted UI.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn start_sign_in(self) -> Result<()> {
        self.sign_in().click().await?;
        HostedUi::new(self.browser).wait().await
    }

    /// Waits until it offers to sign in, and no menu.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_guest(self) -> Result<()> {
        self.sign_in().element().await?;
        Ok(())
    }

    /// Waits until it shows the menu of `user`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_user(self, user: &str) -> Result<()> {
        self.user_menu(user).element().await?;
        self.sign_in().wait_until_gone().await
    }

    /// Opens the menu of the signed-in user, by whatever name.
    ///
    /// # Errors
    /// When no user is signed in.
    pub async fn open_user_menu(self) -> Result<()> {
        self.account().first_by_role(Role::Button).click().await
    }

    /// Signs out with the menu.
    ///
    /// # Errors
    /// When the menu has no such button.
    pub async fn start_sign_out(self, user: &str) -> Result<()> {
        self.user_menu(user).click().await?;
        self.sign_out().click().await
    }
}
