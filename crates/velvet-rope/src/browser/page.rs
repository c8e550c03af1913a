//! The page and its address.
//!
//! Functions that register a listener do so for the rest of the page's life: a session exists as long as its page.

#[cfg(feature = "split")]
use js_sys::{Promise, Reflect};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
#[cfg(feature = "split")]
use wasm_bindgen_futures::JsFuture;
use web_sys::{AddEventListenerOptions, Event, PageTransitionEvent, Window};

use super::js::listener;
use super::spawn;

/// Scheme, host and port of this site, without a slash at the end.
/// `https://app.example.com`; empty where there is no window.
#[must_use]
pub fn origin() -> String {
    of_window(|window| window.location().origin().ok())
}

/// The path of the address, starting with a slash.
#[must_use]
pub fn path() -> String {
    of_window(|window| window.location().pathname().ok())
}

/// The query of the address, without its question mark.
/// Still percent-encoded.
#[must_use]
pub fn query() -> String {
    let search = of_window(|window| window.location().search().ok());
    search.strip_prefix('?').unwrap_or(&search).to_owned()
}

/// Path, query and fragment of the address.
#[must_use]
pub fn path_query_fragment() -> String {
    let fragment = of_window(|window| window.location().hash().ok());
    let search = of_window(|window| window.location().search().ok());
    [path(), search, fragment].concat()
}

/// The configuration that a script of the page has requested before the app was there: the promise of its text, in
/// `velvetRopeConfig`. `None` where no script does so.
#[cfg(feature = "split")]
pub(crate) async fn handed_over() -> Option<String> {
    let promised = Reflect::get(&js_sys::global(), &"velvetRopeConfig".into()).ok()?;
    let text = JsFuture::from(Promise::resolve(&promised)).await.ok()?;
    text.as_string()
}

/// Replaces the address in the address bar and in the history by `path`.
/// It loads nothing, and Back does not return to the previous address. A router is not notified.
pub fn replace_address(path: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

/// Shows another page of this site without loading it; with `replace`, Back does not lead to the current one. A router that
/// follows Back and Forward, as that of Leptos does, shows the page. Without a router only the address changes.
pub fn go_to(path: &str, replace: bool) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(history) = window.history() else {
        return;
    };
    let changed = if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(path))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(path))
    };
    // What a browser dispatches after Back and Forward (HTML, "popstate").
    if let (Ok(()), Ok(event)) = (changed, Event::new("popstate")) {
        let _ = window.dispatch_event(&event);
        // The router has its turn first.
        spawn(async move { scroll_as_loaded(&window) });
    }
}

/// Scrolls to the element that the fragment of the address names, else to the top, as after loading a page.
fn scroll_as_loaded(window: &Window) {
    let fragment = window.location().hash().unwrap_or_default();
    let id = js_sys::decode_uri_component(fragment.get(1..).unwrap_or_default());
    let id = id.map(String::from).unwrap_or_default();
    let document = window.document();
    match document.and_then(|document| document.get_element_by_id(&id)) {
        Some(element) => element.scroll_into_view(),
        None => window.scroll_to_with_x_and_y(0.0, 0.0),
    }
}

/// Navigates to another address. Whether the browser accepted it.
/// `true` does not mean that the other page will load; scripts run on until the browser has its first bytes.
#[must_use]
pub fn leave_for(url: &str) -> bool {
    web_sys::window().is_some_and(|window| window.location().assign(url).is_ok())
}

/// Whether the page came over https or from this machine.
/// (W3C Secure Contexts.)
#[must_use]
pub fn is_secure_context() -> bool {
    web_sys::window().is_some_and(|window| window.is_secure_context())
}

/// Whether the browser believes that it has a network.
/// `false` is reliable, `true` is not: a network may lead nowhere.
#[must_use]
pub fn is_online() -> bool {
    web_sys::window().is_some_and(|window| window.navigator().on_line())
}

/// Calls `then` whenever the browser shows this page again out of its back/forward cache, after the user had
/// left it. Lasts as long as the page.
pub fn on_return(then: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let listener = listener(move |event| {
        if event.unchecked_into::<PageTransitionEvent>().persisted() {
            then();
        }
    });
    let _ = window.add_event_listener_with_callback("pageshow", &listener);
}

/// Calls `then` whenever this page may have slept and can go on: the network is back, its window has the
/// focus, its tab is in view, or it came back out of the back/forward cache. One return may call it several
/// times, and so may the first show of the page. Lasts as long as the page.
pub fn on_wake(then: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Some(document) = window.document() else {
        return;
    };
    let page = document.clone();
    let listener = listener(move |event| {
        if !(page.hidden() && event.type_() == "visibilitychange") {
            then();
        }
    });
    for name in ["online", "focus", "pageshow"] {
        let _ = window.add_event_listener_with_callback(name, &listener);
    }
    let _ = document.add_event_listener_with_callback("visibilitychange", &listener);
}

/// Calls `then` whenever the user presses a key or a button, touches or scrolls, wherever on the page; that may
/// be many times a second. Lasts as long as the page.
pub fn on_activity(then: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let listener = listener(move |_| then());
    let options = AddEventListenerOptions::new();
    // On its way down an event passes here even if it is stopped further on; of scrolling inside an element
    // the window learns in no other way.
    options.set_capture(true);
    // The browser need not wait for the listener before it scrolls.
    options.set_passive(true);
    for name in ["pointerdown", "keydown", "wheel", "scroll", "touchstart"] {
        let _ = window.add_event_listener_with_callback_and_add_event_listener_options(
            name, &listener, &options,
        );
    }
}

/// An empty text where the browser does not say.
fn of_window(read: impl FnOnce(&Window) -> Option<String>) -> String {
    web_sys::window()
        .as_ref()
        .and_then(read)
        .unwrap_or_default()
}
