//! The hosted UI, as MiniStack shows it.

use anyhow::{Context as _, Result, ensure};
use url::Url;

use crate::browser::{Browser, Role};
use crate::http::Client;
use crate::wait::eventually;

/// The sign-in form.
#[derive(Clone, Copy, Debug)]
pub struct HostedUi<'a> {
    browser: &'a Browser,
}

const FORM: &str = "
    const form = document.querySelector('form');
    return [form.action, ...[...new FormData(form)].flat()];";

impl<'a> HostedUi<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// Waits for the form.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn wait(self) -> Result<()> {
        eventually("the hosted UI", async || {
            let address = self.browser.url().await?;
            ensure!(
                address.path() == "/oauth2/authorize",
                "the address is {}",
                address.path()
            );
            Ok(Some(()))
        })
        .await?;
        self.browser
            .get_by_role(Role::Textbox, "Username")
            .element()
            .await?;
        Ok(())
    }

    /// Fills in the form and sends it.
    ///
    /// # Errors
    /// When there is no form.
    pub async fn sign_in(self, user: &str, password: &str) -> Result<()> {
        self.browser
            .get_by_role(Role::Textbox, "Username")
            .type_text(user)
            .await?;
        self.browser
            .get_by_role(Role::Textbox, "Password")
            .type_text(password)
            .await?;
        self.browser
            .get_by_role(Role::Button, "Sign in")
            .click()
            .await
    }

    /// Sends the form past the browser, which stays where it is, and returns the address that the browser
    /// would have been sent to.
    ///
    /// # Errors
    /// When the form does not lead there.
    pub async fn callback_address(self, user: &str, password: &str) -> Result<Url> {
        let form: Vec<String> =
            serde_json::from_value(self.browser.evaluate(FORM, Vec::new()).await?)?;
        let (action, fields) = form.split_first().context("no form")?;
        let mut fields: Vec<(String, String)> = fields
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect();
        for (name, value) in &mut fields {
            match name.as_str() {
                "username" => user.clone_into(value),
                "password" => password.clone_into(value),
                _ => {}
            }
        }
        Client::default()
            .post_form(&Url::parse(action)?, &fields)
            .await
    }
}
