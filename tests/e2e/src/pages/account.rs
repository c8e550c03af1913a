//! The page of an API-managed account.

use anyhow::Result;

use super::Notice;
use crate::browser::{Browser, Locator, Role};

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct AccountPage<'a> {
    browser: &'a Browser,
}

impl<'a> AccountPage<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The form for those who have an account.
    #[must_use]
    pub fn sign_in(self) -> AccountForm<'a> {
        self.form("Sign in with an account")
    }

    /// The form for those who have none yet.
    #[must_use]
    pub fn register(self) -> AccountForm<'a> {
        self.form("Create an account")
    }

    /// The button that signs out.
    #[must_use]
    pub fn sign_out(self) -> Locator<'a> {
        self.browser
            .get_by_role(Role::Button, "Sign out of the account")
    }

    /// Where it is said what became of what was asked for.
    #[must_use]
    pub fn outcome(self) -> Locator<'a> {
        self.browser
            .first_by_role(Role::Main)
            .first_by_role(Role::Status)
    }

    /// Waits for the notice with this title.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn notice(self, title: &str) -> Result<Notice> {
        Notice::wait_for(title, &self.outcome()).await
    }

    /// Waits until it says that one is signed in as `name`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for(self, name: &str) -> Result<()> {
        let who = self.browser.get_by_role(Role::Region, "Sign-in status");
        who.wait_for_text(&format!("You are signed in as {name}"))
            .await?;
        Ok(())
    }

    fn form(self, title: &'static str) -> AccountForm<'a> {
        AccountForm {
            browser: self.browser,
            title,
        }
    }
}

/// One of its forms.
#[derive(Clone, Copy, Debug)]
pub struct AccountForm<'a> {
    browser: &'a Browser,
    title: &'static str,
}

impl<'a> AccountForm<'a> {
    /// The form.
    #[must_use]
    pub fn form(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Form, self.title)
    }

    /// A field of it.
    #[must_use]
    pub fn field(self, label: &str) -> Locator<'a> {
        self.form().get_by_role(Role::Textbox, label)
    }

    /// What is written in a field.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn value(self, label: &str) -> Result<String> {
        let value = self
            .field(label)
            .evaluate("return arguments[0].value;")
            .await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Fills it in, in place of what was there, and sends it.
    ///
    /// # Errors
    /// When there is no such form.
    pub async fn send(self, name: &str, password: &str) -> Result<()> {
        for (label, text) in [("Name", name), ("Password", password)] {
            let field = self.field(label).element().await?;
            field.clear().await?;
            self.browser.type_into(&field, text).await?;
        }
        self.form()
            .get_by_role(Role::Button, self.title)
            .click()
            .await
    }
}
