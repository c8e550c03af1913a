//! Browsers that lack something: the first page says what is missing, or works without it.

use velvet_rope::browser::fetch::FetchTransport;
use velvet_rope::browser::support::missing_apis;
use velvet_rope::http::{HttpRequest, Method, Transport as _, TransportError};
use velvet_rope_app::Boot;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{Replaced, js, replace, until};

/// What nothing can be loaded without.
const REQUIRED: [&str; 6] = [
    "AbortController",
    "fetch",
    "Headers",
    "Request",
    "Response",
    "URL",
];

/// What the app does without, by the object that has it. Objects that cannot be deleted are replaced by `undefined`.
const OPTIONAL: [(&str, &str); 17] = [
    ("AbortSignal", "timeout"),
    ("AbortSignal", "any"),
    ("window", "BroadcastChannel"),
    ("window", "CustomEvent"),
    ("window", "FinalizationRegistry"),
    ("window", "IntersectionObserver"),
    ("window", "ResizeObserver"),
    ("window", "WeakRef"),
    ("window", "crypto"),
    ("window", "localStorage"),
    ("window", "sessionStorage"),
    ("window", "performance"),
    ("window", "requestIdleCallback"),
    ("window", "structuredClone"),
    ("window", "isSecureContext"),
    ("crypto", "subtle"),
    ("navigator", "locks"),
];

fn root() -> web_sys::HtmlElement {
    js("document.body.appendChild(document.createElement('div'))").unchecked_into()
}

/// Opens the first page of a site with the example configuration.
async fn opens(what: &str, text: &str) {
    js("sessionStorage.clear()");
    open(what, text).await;
}

async fn open(what: &str, text: &str) {
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), Boot);
    until(&format!("{text:?} without {what}"), || {
        root.inner_text().contains(text)
    })
    .await;
    drop(mounted);
    root.remove();
}

/// A site whose `config.json` is the example.
fn configured() -> Replaced {
    let example = include_str!("../../public/config.example.json");
    replace(
        "window",
        "fetch",
        &format!("async () => new Response(JSON.stringify({example}))"),
    )
}

#[wasm_bindgen_test]
async fn the_first_page_names_each_api_that_it_cannot_do_without() {
    assert_eq!(missing_apis(), Vec::<&str>::new());
    for name in REQUIRED {
        let _missing = replace("window", name, "undefined");
        assert_eq!(missing_apis(), [name]);
        open(name, &format!("It has no {name},")).await;
    }
}

#[wasm_bindgen_test]
async fn the_app_starts_without_each_api_that_it_can_do_without() {
    let _configured = configured();
    opens("nothing", "Sign in").await;
    for (object, name) in OPTIONAL {
        js("sessionStorage.clear()");
        let _missing = replace(object, name, "undefined");
        open(&format!("{object}.{name}"), "Sign in").await;
    }
}

#[wasm_bindgen_test]
async fn a_request_without_an_answer_ends_in_every_browser() {
    let never = "(_, init) => { window.sent = init; return new Promise(() => {}); }";
    let _fetch = replace("window", "fetch", never);
    let _old = replace("AbortSignal", "timeout", "undefined");
    let mut request = HttpRequest::new(Method::Get, "https://api.example.com/a");
    request.timeout = std::time::Duration::from_millis(30);
    let expected = TransportError::TimedOut {
        host: "api.example.com".to_owned(),
        after: request.timeout,
    };
    assert_eq!(FetchTransport.send(request).await, Err(expected));
}

#[wasm_bindgen_test]
async fn a_request_that_takes_too_long_is_aborted() {
    let never = "request => new Promise((_, reject) => request.signal.addEventListener('abort', () => { \
         window.aborted = true; reject(request.signal.reason); }))";
    js("window.aborted = false");
    let _fetch = replace("window", "fetch", never);
    let mut request = HttpRequest::new(Method::Get, "https://api.example.com/a");
    request.timeout = std::time::Duration::from_millis(30);
    let outcome = FetchTransport.send(request).await;
    assert!(
        matches!(outcome, Err(TransportError::TimedOut { .. })),
        "{outcome:?}"
    );
    assert_eq!(js("window.aborted").as_bool(), Some(true));
}
