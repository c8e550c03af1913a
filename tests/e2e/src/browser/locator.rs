//! Locators that find elements as users and screen readers do: by role and accessible name.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, anyhow};
use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::Browser;
use crate::wait::eventually;

/// The functions that look for elements.
const FIND: &str = include_str!("find.js");

/// How long a script waits in the page, in milliseconds. Asking again and again costs the browser more.
const WAIT_IN_PAGE: u32 = 500;

/// A WAI-ARIA role, as computed by the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A button.
    Button,
    /// A link.
    Link,
    /// A heading.
    Heading,
    /// A named section of the page.
    Region,
    /// A set of links, for example the account menu.
    Navigation,
    /// An article, for example the card of a route.
    Article,
    /// A live region.
    Status,
    /// A text field.
    Textbox,
    /// A form.
    Form,
    /// The main content.
    Main,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Link => "link",
            Self::Heading => "heading",
            Self::Region => "region",
            Self::Navigation => "navigation",
            Self::Article => "article",
            Self::Status => "status",
            Self::Textbox => "textbox",
            Self::Form => "form",
            Self::Main => "main",
        }
    }

    /// Whether this is what a browser calls the role. A field for a password has no role in the standard (HTML-AAM), and none in
    /// Firefox.
    fn includes(self, computed: &str) -> bool {
        computed == self.name() || (self == Self::Textbox && computed.is_empty())
    }

    /// CSS selector of elements that may have the role. The browser then computes the actual role.
    fn candidates(self) -> &'static str {
        match self {
            Self::Button => "button, [role=button]",
            Self::Link => "a[href], [role=link]",
            Self::Heading => "h1, h2, h3, [role=heading]",
            Self::Region => "section, [role=region]",
            Self::Navigation => "nav, [role=navigation]",
            Self::Article => "article, [role=article]",
            Self::Status => "output, [role=status]",
            Self::Textbox => "input, textarea, [role=textbox]",
            Self::Form => "form, [role=form]",
            Self::Main => "main, [role=main]",
        }
    }
}

/// Locates an element by role and name. Each use looks it up again, because pages change.
#[derive(Clone, Debug)]
pub struct Locator<'a> {
    browser: &'a Browser,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    role: Role,
    name: Option<String>,
}

impl Step {
    /// The step, as the script takes it.
    fn argument(&self) -> Value {
        json!({ "selector": self.role.candidates(), "role": self.role.name(), "name": self.name })
    }
}

impl<'a> Locator<'a> {
    pub(super) fn new(browser: &'a Browser, role: Role, name: Option<&str>) -> Self {
        Self {
            browser,
            steps: vec![Step {
                role,
                name: name.map(str::to_owned),
            }],
        }
    }

    /// The element with this role and accessible name inside this one.
    #[must_use]
    pub fn get_by_role(&self, role: Role, name: &str) -> Self {
        self.step(role, Some(name))
    }

    /// The first element with this role inside this one.
    #[must_use]
    pub fn first_by_role(&self, role: Role) -> Self {
        self.step(role, None)
    }

    /// Waits for the element.
    ///
    /// # Errors
    /// When it does not appear; the message lists the elements with that role.
    pub async fn element(&self) -> Result<Element> {
        let found = eventually(&self.to_string(), async || self.resolve_soon().await).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => Err(anyhow!("{error:#}; there is {}", self.alternatives().await)),
        }
    }

    /// Whether the element is there now.
    ///
    /// # Errors
    /// When the WebDriver command fails.
    pub async fn is_present(&self) -> Result<bool> {
        Ok(self.resolve().await?.is_some())
    }

    /// Waits until the element disappears.
    ///
    /// # Errors
    /// When it does not disappear.
    pub async fn wait_until_gone(&self) -> Result<()> {
        let what = format!("{self} to go");
        eventually(&what, async || {
            if self.browser.names_in_scripts() {
                let script = "until(() => find(steps) ? null : true, wait)";
                return Ok(self
                    .run(script, json!(WAIT_IN_PAGE))
                    .await?
                    .as_bool()
                    .map(drop));
            }
            Ok(self.resolve().await?.is_none().then_some(()))
        })
        .await
    }

    /// Clicks it as soon as it is clickable.
    ///
    /// # Errors
    /// When it does not become clickable.
    pub async fn click(&self) -> Result<()> {
        let what = format!("{self} to be clickable");
        eventually(&what, async || match self.resolve_soon().await? {
            Some(element) => Ok(Some(self.browser.click(&element).await?)),
            None => Ok(None),
        })
        .await
    }

    /// Types a text into it, after what is in it.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let element = self.element().await?;
        self.browser.type_into(&element, text).await
    }

    /// Waits until its text meets the condition, and returns the text.
    ///
    /// # Errors
    /// When it never is; the message has the last text.
    pub async fn wait_for_text_where(
        &self,
        what: &str,
        condition: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let mut last = None;
        let found = eventually(&format!("{self} {what}"), async || {
            let text = self.text_now().await?;
            last = Some(text.clone());
            Ok(condition(&text).then_some(text))
        })
        .await;
        found.with_context(|| format!("the last text was {last:?}"))
    }

    /// Waits until its text contains `part`, and returns the text.
    ///
    /// # Errors
    /// When it never does; the message has the last text.
    pub async fn wait_for_text(&self, part: &str) -> Result<String> {
        let what = format!("with {part:?}");
        if !self.browser.names_in_scripts() {
            let condition = |text: &str| text.contains(part);
            return self.wait_for_text_where(&what, condition).await;
        }
        let part = json!(part);
        let script =
            format!("until(() => [textIn(steps)].find(text => text?.includes({part})), wait)");
        let what = format!("{self} {what}");
        let found = eventually(&what, async || {
            let text = self.run(&script, json!(WAIT_IN_PAGE)).await?;
            Ok(text.as_str().map(str::to_owned))
        });
        match found.await {
            Ok(text) => Ok(text),
            Err(error) => {
                let last = self.text_now().await.ok();
                Err(error.context(format!("the last text was {last:?}")))
            }
        }
    }

    /// Runs a script with the element as its first argument.
    ///
    /// # Errors
    /// When it is not there, or the script throws.
    pub async fn evaluate(&self, script: &str) -> Result<Value> {
        let element = serde_json::to_value(self.element_now().await?)?;
        self.browser.evaluate(script, vec![element]).await
    }

    /// Its text as it is shown. The drivers' own command costs more, and that of WebKit has no text for elements whose text is
    /// cut off.
    async fn text_now(&self) -> Result<String> {
        let text = if self.browser.names_in_scripts() {
            self.run("textIn(steps)", Value::Null).await?
        } else {
            self.evaluate("return arguments[0].innerText;").await?
        };
        let text = text
            .as_str()
            .with_context(|| format!("there is no {self}"))?;
        Ok(text.trim().to_owned())
    }

    async fn element_now(&self) -> Result<Element> {
        self.resolve()
            .await?
            .with_context(|| format!("there is no {self}"))
    }

    fn step(&self, role: Role, name: Option<&str>) -> Self {
        let mut steps = self.steps.clone();
        steps.push(Step {
            role,
            name: name.map(str::to_owned),
        });
        Self {
            browser: self.browser,
            steps,
        }
    }

    /// What an expression of the script is, with the steps as `steps` and a number of milliseconds as `wait`.
    async fn run(&self, expression: &str, wait: Value) -> Result<Value> {
        let script = format!("{FIND} const [steps, wait] = arguments; return {expression};");
        let steps = self.steps.iter().map(Step::argument).collect();
        self.browser.evaluate(&script, vec![steps, wait]).await
    }

    /// The element as soon as it is there, or `None` after a while.
    async fn resolve_soon(&self) -> Result<Option<Element>> {
        if self.browser.names_in_scripts() {
            let script = "until(() => find(steps), wait)";
            let found = self.run(script, json!(WAIT_IN_PAGE)).await?;
            return Ok(self.browser.element_of(&found));
        }
        self.resolve().await
    }

    async fn resolve(&self) -> Result<Option<Element>> {
        if self.browser.names_in_scripts() {
            let found = self.run("find(steps)", Value::Null).await?;
            return Ok(self.browser.element_of(&found));
        }
        let mut found: Option<Element> = None;
        for step in &self.steps {
            let candidates = self.candidates(found.as_ref(), step).await?;
            found = self.first_that_fits(candidates, step).await?;
            if found.is_none() {
                return Ok(None);
            }
        }
        Ok(found)
    }

    /// The elements that may have the role and the name of a step. Which name an element has is for the browser to compute, and
    /// costs a command for each, so that elements that share no word with it are left out first.
    async fn candidates(&self, inside: Option<&Element>, step: &Step) -> Result<Vec<Element>> {
        let script = format!("{FIND} return candidates(arguments[0], arguments[1]);");
        let arguments = vec![step.argument(), json!(inside)];
        let found = self.browser.evaluate(&script, arguments).await?;
        let found = found.as_array().into_iter().flatten();
        Ok(found
            .filter_map(|element| self.browser.element_of(element))
            .collect())
    }

    async fn first_that_fits(
        &self,
        candidates: Vec<Element>,
        step: &Step,
    ) -> Result<Option<Element>> {
        for candidate in candidates {
            let name_fits = match &step.name {
                Some(name) => self.browser.computed_name(&candidate).await? == *name,
                None => true,
            };
            if name_fits
                && step
                    .role
                    .includes(&self.browser.computed_role(&candidate).await?)
            {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// The names of what has the role of the last step, anywhere on the page.
    async fn alternatives(&self) -> String {
        let Some(step) = self.steps.last() else {
            return String::new();
        };
        let mut names = BTreeSet::new();
        let step = Step {
            role: step.role,
            name: None,
        };
        for candidate in self.candidates(None, &step).await.unwrap_or_default() {
            let name = self.browser.computed_name(&candidate).await;
            let role = self.browser.computed_role(&candidate).await;
            let (name, role) = (name.unwrap_or_default(), role.unwrap_or_default());
            names.insert(format!("{role} {name:?}"));
        }
        let names: Vec<String> = names.into_iter().collect();
        if names.is_empty() {
            "nothing alike".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl std::fmt::Display for Locator<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let separator = if index == 0 { "" } else { " > " };
            write!(formatter, "{separator}{}", step.role.name())?;
            if let Some(name) = &step.name {
                write!(formatter, " {name:?}")?;
            }
        }
        Ok(())
    }
}
