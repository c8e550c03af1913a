//! The browser behind plain functions and the ports. The only module that touches `web_sys`, `js_sys` and `wasm_bindgen`; its
//! interface contains no `JsValue`.
//!
//! Everything here is thin: it converts between browser APIs and plain values and decides nothing about the session.
//! Rules that could be wrong are in `session`, which is tested natively; this module is tested in a browser (`tests/`).
#![expect(
    clippy::disallowed_methods,
    reason = "the other modules reach the browser through this one"
)]

mod body;
pub mod clock;
pub mod element;
pub mod fetch;
pub mod host;
mod js;
mod locks;
pub mod page;
pub mod random;
mod signature;
#[cfg(feature = "signer-module")]
pub mod signer;
pub mod socket;
pub mod storage;
pub mod support;
mod upload;

use std::future::Future;
use std::pin::Pin;

use futures::FutureExt as _;

pub use clock::{now as device_now, pause};
pub use page::{is_secure_context, origin, path, path_query_fragment};

/// Runs a future on this page until it ends. What it does before it first waits is done when this returns.
///
/// It cannot be cancelled from outside.
pub fn spawn_at_once(future: impl Future<Output = ()> + 'static) {
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    if future.as_mut().now_or_never().is_none() {
        wasm_bindgen_futures::spawn_local(future);
    }
}

/// Runs a future on this page until it ends.
///
/// It starts soon after the caller returns, not immediately, and cannot be cancelled from outside.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    // Boxed, because the function below would be compiled once for each type of future.
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    wasm_bindgen_futures::spawn_local(future);
}
