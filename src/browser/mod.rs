//! The page's elements and the device's time zone. The only module of the app that touches `web_sys` and `js_sys`.
#![expect(
    clippy::disallowed_methods,
    reason = "the other modules reach the browser through this one"
)]

pub mod file;
mod local_time;
pub mod page;
pub mod share;
pub mod slice;

pub use local_time::local_time;
