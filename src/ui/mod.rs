//! What people see: routes, pages, components, and every word they read.
#![expect(
    unreachable_pub,
    reason = "the component macro makes what it expands to `pub`"
)]

mod app;
mod boot;
mod components;
mod messages;
mod pages;

pub use boot::Boot;
