//! An error in words, wherever on a page.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::browser::Locator;
use crate::wait::{TIMEOUT, eventually_within};

/// The words, and what the person can do.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
pub struct Notice {
    /// What happened.
    pub title: String,
    /// All words, the title and the buttons among them.
    pub text: String,
    /// How to fix it, if the app knows.
    pub fix: Option<String>,
    /// The labels of the buttons.
    pub buttons: Vec<String>,
}

/// Defines `readNotice`, for scripts that read notices.
pub(super) const READ_NOTICE: &str = "
    const textIn = (element, selector) => element.querySelector(selector)?.innerText ?? null;
    const readNotice = element => {
        const notice = element.querySelector('.notice');
        return notice && {
            title: textIn(notice, '.notice-title') ?? '',
            text: notice.innerText,
            fix: textIn(notice, '.notice-fix'),
            buttons: [...notice.querySelectorAll('button')].map(button => button.innerText),
        };
    };";

impl Notice {
    /// Waits for the notice with this title.
    ///
    /// # Errors
    /// When it does not appear; the message has what is there in its place.
    pub async fn wait_for(title: &str, place: &Locator<'_>) -> Result<Self> {
        Self::wait_within(TIMEOUT, title, place).await
    }

    /// Waits for the notice with this title, for longer or shorter than usual.
    ///
    /// # Errors
    /// When it does not appear; the message has what is there in its place.
    pub async fn wait_within(timeout: Duration, title: &str, place: &Locator<'_>) -> Result<Self> {
        let script = format!("{READ_NOTICE} return readNotice(arguments[0]);");
        let mut last = None;
        let found = eventually_within(
            timeout,
            &format!("the notice {title:?} in {place}"),
            async || {
                let notice: Option<Self> = serde_json::from_value(place.evaluate(&script).await?)?;
                last.clone_from(&notice);
                Ok(notice.filter(|notice| notice.title == title))
            },
        )
        .await;
        found.with_context(|| format!("there was {last:?}"))
    }

    /// Fails unless the words contain `part`.
    ///
    /// # Errors
    /// When they do not; the message has them.
    pub fn contains_text(&self, part: &str) -> Result<&Self> {
        ensure!(
            self.text.contains(part),
            "expected {part:?} in {:?}",
            self.text
        );
        Ok(self)
    }

    /// Fails unless there are exactly these buttons.
    ///
    /// # Errors
    /// When there are others.
    pub fn has_buttons(&self, buttons: &[&str]) -> Result<&Self> {
        ensure!(
            self.buttons == buttons,
            "expected the buttons {buttons:?}, there are {:?} in {:?}",
            self.buttons,
            self.text
        );
        Ok(self)
    }
}
