//! What the browser exposes to assistive technology, and references to elements.

use anyhow::Result;
use fantoccini::elements::Element;
use serde_json::Value;

use super::command::Command;
use super::{Browser, Engine};

/// What WebDriver calls a reference to an element (WebDriver, section 12).
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Whether scripts can read the computed role and name of an element, by a setting of Blink that `profile` switches on. That
    /// takes no command for each element.
    pub(super) fn names_in_scripts(&self) -> bool {
        self.engine == Engine::Chromium
    }

    /// The accessible name of an element, as the browser computes it.
    pub(super) async fn computed_name(&self, element: &Element) -> Result<String> {
        self.accessibility_property("computedlabel", element).await
    }

    /// The role of an element, as the browser computes it.
    pub(super) async fn computed_role(&self, element: &Element) -> Result<String> {
        self.accessibility_property("computedrole", element).await
    }

    /// The element that a script returned a reference to.
    pub(super) fn element_of(&self, reference: &Value) -> Option<Element> {
        let id = reference[ELEMENT_KEY].as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), id.into()))
    }

    /// A property that the browser exposes to assistive technology; empty for an element that it does not expose.
    async fn accessibility_property(&self, property: &str, element: &Element) -> Result<String> {
        let id = element.element_id();
        let command = Command::get(format!("element/{id}/{property}"));
        let answer = match self.command(command).await {
            // The driver of WebKit has an error for hidden elements, where others have an empty text.
            Err(_) if self.engine == Engine::Webkit => return Ok(String::new()),
            answer => answer?,
        };
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }
}
