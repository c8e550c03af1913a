//! The elements of the page.

use std::cell::RefCell;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{
    CssStyleSheet, Element, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    KeyboardEvent, MouseEvent, SecurityPolicyViolationEvent,
};

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// The value of the input field `id`.
#[must_use]
pub fn value_of(id: &str) -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let field = document.and_then(|document| document.get_element_by_id(id));
    let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

/// The text of the text area `id`.
#[must_use]
pub fn text_of(id: &str) -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let area = document.and_then(|document| document.get_element_by_id(id));
    let area = area.and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok());
    area.map(|area| area.value()).unwrap_or_default()
}

/// Whether a key is pressed in a field that takes text.
#[must_use]
pub fn is_typing(event: &KeyboardEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| matches!(&*element.tag_name(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Moves the keyboard focus to the element with this id, if there is one.
pub fn focus(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Removes the element with this id, if there is one.
pub fn remove(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.get_element_by_id(id)) {
        element.remove();
    }
}

/// Until `is_done`, calls `then` when the user follows a link to a page of this site, with the link, which is not followed; and
/// when Back or Forward have changed the address. Lasts as long as the page.
pub fn on_navigation(
    is_done: impl Fn() -> bool + 'static,
    then: impl Fn(Option<HtmlElement>) + 'static,
) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        if is_done() {
            return;
        }
        let Some(click) = event.dyn_ref::<MouseEvent>() else {
            return then(None);
        };
        if let Some(link) = link_of(click) {
            event.prevent_default();
            then(Some(link));
        }
    })
    .into_js_value();
    if let Some(window) = web_sys::window() {
        for name in ["click", "popstate"] {
            let _ = window.add_event_listener_with_callback(name, listener.unchecked_ref());
        }
    }
}

/// The link to a page of this site that a click follows in this tab.
fn link_of(click: &MouseEvent) -> Option<HtmlElement> {
    let elsewhere = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
    if click.default_prevented() || click.button() != 0 || elsewhere {
        return None;
    }
    let target = click.target()?.dyn_into::<Element>().ok()?;
    let link = target.closest("a[href^='/']:not([target], [download], [rel~='external'])");
    link.ok()??.dyn_into().ok()
}

/// Follows a link as a page without scripts does; without one, loads the page of the address.
pub fn follow(link: Option<&HtmlElement>) {
    let address = link.and_then(|link| link.get_attribute("href"));
    let location = web_sys::window().map(|window| window.location());
    let _ = match (location, address) {
        (Some(location), Some(address)) => location.assign(&address),
        (Some(location), None) => location.reload(),
        (None, _) => Ok(()),
    };
}

/// How far the content of the element with this id is scrolled, and the height of what it shows, in CSS pixels.
#[must_use]
pub fn scroll_position(id: &str) -> Option<(i32, i32)> {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(id))?;
    Some((element.scroll_top(), element.client_height()))
}

/// Scrolls the content of the element with this id to `top`, in CSS pixels.
pub fn scroll_to(id: &str, top: i32) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.get_element_by_id(id)) {
        element.set_scroll_top(top);
    }
}

thread_local! {
    static VIOLATIONS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Begins to note what the Content-Security-Policy blocks.
pub fn watch_policy() {
    let is_new = VIOLATIONS.with_borrow_mut(|violations| violations.replace(Vec::new()).is_none());
    let document = web_sys::window().and_then(|window| window.document());
    if let (true, Some(document)) = (is_new, document) {
        let note = Closure::<dyn Fn(SecurityPolicyViolationEvent)>::new(
            |event: SecurityPolicyViolationEvent| {
                let text = [event.effective_directive(), event.blocked_uri()].join(" ");
                VIOLATIONS
                    .with_borrow_mut(|violations| violations.get_or_insert_default().push(text));
            },
        );
        let _ = document.add_event_listener_with_callback(
            "securitypolicyviolation",
            note.as_ref().unchecked_ref(),
        );
        // It listens as long as the page is open.
        note.forget();
    }
}

/// What the Content-Security-Policy blocked since [`watch_policy`]: the directive and the address of each.
#[must_use]
pub fn policy_violations() -> Vec<String> {
    VIOLATIONS.with_borrow(|violations| violations.clone().unwrap_or_default())
}

/// Reloads this page.
pub fn reload() {
    let _ = web_sys::window().map(|window| window.location().reload());
}

/// Adds a style sheet to the page, unless the page has it already. A Content-Security-Policy that forbids `<style>` allows
/// this (CSSOM, `adoptedStyleSheets`).
pub fn adopt_style_sheet(css: &'static str) {
    thread_local! {
        static ADOPTED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }
    let is_new = ADOPTED.with_borrow_mut(|adopted| {
        let is_new = !adopted.contains(&css);
        if is_new {
            adopted.push(css);
        }
        is_new
    });
    let document = web_sys::window().and_then(|window| window.document());
    if let (true, Some(document), Ok(sheet)) = (is_new, document, CssStyleSheet::new()) {
        sheet.replace_sync(css).unwrap_or_default();
        document.adopted_style_sheets().push(&sheet);
    }
}
