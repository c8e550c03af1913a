//! The card of a route: a button that calls it, and what came back.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::Notice;
use super::notice::READ_NOTICE;
use crate::browser::{Browser, Locator, Role};
use crate::wait::eventually;

/// The card.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    browser: &'a Browser,
    name: String,
}

/// What came back from a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Outcome {
    /// The status with its phrase, if there was an answer.
    pub status: Option<String>,
    /// How long it took, if there was an answer.
    pub time: Option<String>,
    /// The body as shown, if there was one.
    pub body: Option<String>,
    /// The words for what went wrong, if anything did.
    pub notice: Option<Notice>,
}

const READ_OUTCOME: &str = "
    const answer = arguments[0];
    if (!answer.firstElementChild || answer.querySelector('.answer-waiting, [data-before]')) { return null; }
    return {
        status: textIn(answer, '.status'),
        time: textIn(answer, '.answer-time'),
        body: textIn(answer, '.answer-body'),
        notice: readNotice(answer),
    };";

/// Marks what is there before a call, so that it is not taken for the outcome.
const MARK: &str = "
    for (const child of arguments[0].querySelector('[role=status]').children) { child.dataset.before = ''; }";

impl<'a> Card<'a> {
    pub(super) fn new(browser: &'a Browser, name: &str) -> Self {
        Self {
            browser,
            name: name.to_owned(),
        }
    }

    /// The button that calls the route.
    #[must_use]
    pub fn button(&self) -> Locator<'a> {
        self.article()
            .get_by_role(Role::Button, &format!("Call {}", self.name))
    }

    /// Where the outcome appears.
    #[must_use]
    pub fn answer(&self) -> Locator<'a> {
        self.article().first_by_role(Role::Status)
    }

    /// Calls the route and waits for the outcome.
    ///
    /// # Errors
    /// When there is none.
    pub async fn call(&self) -> Result<Outcome> {
        self.outcome_after_clicking(&self.button()).await
    }

    /// Presses a button of the notice, such as "Try again", and waits for the outcome.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click_button(&self, button: &str) -> Result<Outcome> {
        self.outcome_after_clicking(&self.answer().get_by_role(Role::Button, button))
            .await
    }

    /// Waits for the outcome of a first call that something else started.
    ///
    /// # Errors
    /// When there is none.
    pub async fn outcome(&self) -> Result<Outcome> {
        let script = format!("{READ_NOTICE} {READ_OUTCOME}");
        eventually(&format!("the outcome of {:?}", self.name), async || {
            Ok(serde_json::from_value(
                self.answer().evaluate(&script).await?,
            )?)
        })
        .await
    }

    /// Calls the route and returns the words for what went wrong.
    ///
    /// # Errors
    /// When nothing went wrong.
    pub async fn call_expecting_notice(&self) -> Result<Notice> {
        let outcome = self.call().await?;
        outcome
            .notice
            .clone()
            .with_context(|| format!("expected a notice: {outcome:?}"))
    }

    async fn outcome_after_clicking(&self, button: &Locator<'_>) -> Result<Outcome> {
        button.element().await?;
        self.article().evaluate(MARK).await?;
        button.click().await?;
        self.outcome().await
    }

    fn article(&self) -> Locator<'a> {
        self.browser.get_by_role(Role::Article, &self.name)
    }
}

impl Outcome {
    /// The body as JSON, after checking that the route answered 200 and nothing is amiss.
    ///
    /// # Errors
    /// When it did not.
    pub fn ok(&self) -> Result<Value> {
        ensure!(
            self.status.as_deref() == Some("200 OK"),
            "expected 200 OK: {self:?}"
        );
        ensure!(self.notice.is_none(), "expected no notice: {self:?}");
        let milliseconds = self
            .time
            .as_deref()
            .and_then(|time| time.strip_suffix(" ms"));
        ensure!(
            milliseconds.is_some_and(|number| number.parse::<u32>().is_ok()),
            "expected a time: {self:?}"
        );
        let body = self
            .body
            .as_deref()
            .with_context(|| format!("expected a body: {self:?}"))?;
        let value: Value =
            serde_json::from_str(body).with_context(|| format!("not JSON: {body}"))?;
        ensure!(
            serde_json::to_string_pretty(&value)? == body,
            "expected indented JSON: {body}"
        );
        Ok(value)
    }
}
