//! The browser behind plain functions and the two ports. The only room that touches `web_sys`, `js_sys`
//! and `gloo_net`; no `JsValue` leaves it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the room that the ban sends everybody to"
)]

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
pub mod storage;

pub use clock::{now as device_now, pause};
pub use page::{is_secure_context, origin, path, path_query_fragment};
/// Runs a future on this page until it ends.
pub use wasm_bindgen_futures::spawn_local as spawn;
