//! Elements of the page.
//!
//! For menus and dialogs of the components. A target that is no element, such as a text node, is handled too.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, Node};

/// The element around the one with this id.
#[must_use]
pub fn around(id: &str) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    document.get_element_by_id(id)?.parent_element()
}

/// Whether `event` happened inside `element`.
#[must_use]
pub fn contains(element: &Element, event: &Event) -> bool {
    let node = event
        .target()
        .and_then(|target| target.dyn_into::<Node>().ok());
    node.is_some_and(|node| element.contains(Some(&node)))
}

/// Whether `event` happened inside a link.
/// An element inside the link counts.
#[must_use]
pub fn is_link(event: &Event) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| matches!(element.closest("a"), Ok(Some(_))))
}

/// Moves the keyboard focus to the first button inside `element`.
/// Does nothing without a button.
pub fn focus_button(element: &Element) {
    if let Ok(Some(button)) = element.query_selector("button")
        && let Ok(button) = button.dyn_into::<HtmlElement>()
    {
        let _ = button.focus();
    }
}
