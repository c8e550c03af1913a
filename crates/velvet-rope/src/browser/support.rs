//! The browser APIs without which nothing can be loaded. Every other API that a browser may lack, such as Web Locks,
//! `BroadcastChannel`, storage or Web Cryptography, has a fallback or an error of its own where it is used.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Missing in browsers that are older than the oldest supported versions, or removed by a policy or an extension.
const REQUIRED: [&str; 6] = [
    "AbortController",
    "fetch",
    "Headers",
    "Request",
    "Response",
    "URL",
];

/// The names of the required APIs that this browser does not have.
///
/// Empty in every supported browser; see `docs/browsers.md`.
#[must_use]
pub fn missing_apis() -> Vec<&'static str> {
    let global = js_sys::global();
    let is_missing = |name: &&str| {
        let value = Reflect::get(&global, &JsValue::from(*name));
        value.is_ok_and(|value| value.is_undefined())
    };
    REQUIRED.into_iter().filter(is_missing).collect()
}
