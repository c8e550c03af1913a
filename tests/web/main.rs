//! The module `browser`, the components of the library and the first page, in a real browser. Run by `cargo xtask test --only wasm`.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod boot;
mod calls;
mod components;
mod fetch;
mod help;
mod host;
mod local_time;
mod page;
mod parts;
mod signature;
mod start;
mod storage;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
