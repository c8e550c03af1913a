//! The pages of the OpenID provider.

use anyhow::Result;
use serde_json::Value;

use crate::browser::{Browser, Locator, Role};
use crate::wait::eventually;

/// The provider's pages: the sign-in form, which accepts any name and any password, and the confirmation of a sign-out.
#[derive(Clone, Copy, Debug)]
pub struct ProviderPages<'a> {
    browser: &'a Browser,
}

const USER: &str = "Enter any login";
const PASSWORD: &str = "and password";

/// Whether the current page has been sent off: what is left of it must not be typed into.
const READY: &str = "return document.readyState === 'complete';";

impl<'a> ProviderPages<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// Waits for the sign-in form.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn wait(self) -> Result<()> {
        self.user().element().await?;
        eventually("the sign-in form to be complete", async || {
            let ready = self.browser.evaluate(READY, Vec::new()).await?;
            Ok((ready == Value::Bool(true)).then_some(()))
        })
        .await
    }

    /// Fills in the form and sends it.
    ///
    /// # Errors
    /// When there is no form.
    pub async fn sign_in(self, user: &str, password: &str) -> Result<()> {
        self.wait().await?;
        let name = self.user().element().await?;
        // It may be filled in already: from a `login_hint`.
        name.clear().await?;
        self.browser.type_into(&name, user).await?;
        self.browser
            .get_by_role(Role::Textbox, PASSWORD)
            .type_text(password)
            .await?;
        self.browser
            .get_by_role(Role::Button, "Sign-in")
            .click()
            .await
    }

    /// The name in the form.
    #[must_use]
    pub fn user(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Textbox, USER)
    }

    /// What turns back to the site, which learns `access_denied`.
    #[must_use]
    pub fn cancel(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Link, "[ Cancel ]")
    }

    /// The button that grants consent. The provider asks for it only with `prompt=consent`.
    #[must_use]
    pub fn consent(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, "Continue")
    }

    /// What signs out, where the provider asks.
    #[must_use]
    pub fn confirm_sign_out(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, "Yes, sign me out")
    }

    /// What does not sign out after all, where the provider asks.
    #[must_use]
    pub fn stay_signed_in(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, "No, stay signed in")
    }
}
