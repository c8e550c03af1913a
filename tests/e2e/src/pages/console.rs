//! The API console.

use std::path::Path;

use anyhow::{Context as _, Result};
use fantoccini::Locator as Selector;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::notice::{Notice, READ_NOTICE};
use crate::browser::{Browser, Locator, Role};
use crate::wait::eventually;

/// The visible text of the first element of a CSS selector; nothing if there is none.
const TEXT: &str = "return document.querySelector(arguments[0])?.innerText ?? null;";
/// The keys of the operations in sight.
const OPERATIONS: &str = "
    const text = (row, of) => row.querySelector(of)?.textContent ?? '';
    return [...document.querySelectorAll('.operation')]
        .map(row => `${text(row, '.method')} ${text(row, '.operation-path')}`);";

/// The page.
#[derive(Clone, Copy, Debug)]
pub struct ConsolePage<'a> {
    browser: &'a Browser,
}

impl<'a> ConsolePage<'a> {
    pub(crate) fn new(browser: &'a Browser) -> Self {
        Self { browser }
    }

    /// The title of the page.
    #[must_use]
    pub fn heading(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Heading, "API console")
    }

    /// The form of the operation that is shown.
    #[must_use]
    pub fn form(self) -> Locator<'a> {
        self.browser.get_by_role(Role::Form, "Request")
    }

    /// A button of the page.
    #[must_use]
    pub fn button(self, name: &str) -> Locator<'a> {
        self.browser.get_by_role(Role::Button, name)
    }

    /// A field of the page.
    #[must_use]
    pub fn field(self, name: &str) -> Locator<'a> {
        self.browser.get_by_role(Role::Textbox, name)
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn find(self, css: &str) -> Result<Element> {
        eventually(css, async || {
            let found = self.browser.client().find_all(Selector::Css(css)).await?;
            Ok(found.into_iter().next())
        })
        .await
    }

    /// Types a text into an element, after what is in it.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn type_into(self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css).await?;
        self.browser.type_into(&element, text).await
    }

    /// Opens an operation of the list, such as `GET /items`.
    ///
    /// # Errors
    /// When the list has none.
    pub async fn choose(self, operation: &str) -> Result<()> {
        let (method, path) = operation.split_once(' ').context("method and path")?;
        let row = format!(
            "//a[contains(@class, 'operation')][.//*[text()='{method}']][.//code[text()='{path}']]"
        );
        let row = eventually(operation, async || {
            let found = self
                .browser
                .client()
                .find_all(Selector::XPath(&row))
                .await?;
            Ok(found.into_iter().next())
        })
        .await?;
        self.browser.click(&row).await?;
        self.form().element().await?;
        Ok(())
    }

    /// The operations in sight, each with method and path.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn operations(self) -> Result<Vec<String>> {
        let found = self.browser.evaluate(OPERATIONS, Vec::new()).await?;
        Ok(serde_json::from_value(found)?)
    }

    /// Waits until the list has exactly these operations.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_operations(self, expected: &[&str]) -> Result<()> {
        let what = format!("the operations {expected:?}");
        eventually(&what, async || {
            Ok((self.operations().await? == expected).then_some(()))
        })
        .await
    }

    /// Sends the request.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn send(self) -> Result<()> {
        self.button("Send").click().await
    }

    /// Sends the request, and waits for the status of the answer.
    ///
    /// # Errors
    /// When none comes.
    pub async fn send_and_wait(self, status: &str) -> Result<()> {
        self.send().await?;
        self.wait_for_text(".answer-line .status", status).await
    }

    /// The number of requests in the history.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn history_length(self) -> Result<usize> {
        let text = self.text(".history summary").await?.unwrap_or_default();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        Ok(digits.parse().unwrap_or_default())
    }

    /// Sends the request, and waits for its result, whatever it is.
    ///
    /// # Errors
    /// When none comes.
    pub async fn send_and_wait_for_result(self) -> Result<()> {
        let before = self.history_length().await?;
        self.send().await?;
        eventually("the result of the request", async || {
            Ok((self.history_length().await? > before).then_some(()))
        })
        .await
    }

    /// What the page says about the answer that is shown.
    ///
    /// # Errors
    /// When it says nothing.
    pub async fn notice(self) -> Result<Notice> {
        let script =
            format!("{READ_NOTICE} return readNotice(document.querySelector('.answer-content'));");
        let notice = self.browser.evaluate(&script, Vec::new()).await?;
        let notice: Option<Notice> = serde_json::from_value(notice)?;
        notice.context("the answer has no notice")
    }

    /// Opens an API description by choosing its file.
    ///
    /// # Errors
    /// When the page has no field for it.
    pub async fn choose_document(self, file: &Path) -> Result<()> {
        let input = self.find(".import-choices input[type=file]").await?;
        Ok(input.send_keys(&file.to_string_lossy()).await?)
    }

    /// Waits until an element has a text.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_text(self, css: &str, wanted: &str) -> Result<()> {
        let what = format!("{wanted:?} in {css}");
        eventually(&what, async || {
            let text = self.text(css).await?;
            Ok(text.filter(|text| text.contains(wanted)).map(drop))
        })
        .await
    }

    /// The visible text of an element; `None` if there is none.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn text(self, css: &str) -> Result<Option<String>> {
        let text = self.browser.evaluate(TEXT, vec![json!(css)]).await?;
        Ok(text.as_str().map(str::to_owned))
    }

    /// Opens a part of the answer, such as `Headers`.
    ///
    /// # Errors
    /// When it has none.
    pub async fn open_tab(self, name: &str) -> Result<()> {
        let tab = format!("//*[@role='tab'][normalize-space()='{name}']");
        let tab = eventually(name, async || {
            let found = self
                .browser
                .client()
                .find_all(Selector::XPath(&tab))
                .await?;
            Ok(found.into_iter().next())
        })
        .await?;
        self.browser.click(&tab).await
    }

    /// Opens an API description by pasting its text.
    ///
    /// # Errors
    /// When the page has no field for it.
    pub async fn paste_document(self, text: &str) -> Result<()> {
        const PASTE: &str = "
            const field = document.getElementById('pasted-document');
            if (!field) return false;
            field.closest('details').open = true;
            field.value = arguments[0];
            return true;";
        eventually("the field for a document", async || {
            let pasted = self.browser.evaluate(PASTE, vec![json!(text)]).await?;
            Ok((pasted == Value::Bool(true)).then_some(()))
        })
        .await?;
        self.button("Open the text").click().await
    }
}
