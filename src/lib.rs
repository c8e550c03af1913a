//! The console: sign in, call the configured routes, look at the session, sign out. It uses the public items of
//! `velvet_rope` only, as any other app would.
//!
//! ```text
//! app, boot     load the configuration, choose the page of an address
//! pages         compose components, read the session, own their requests
//! components    what several pages show
//! route         the address of each page
//! messages      every word that users read about an error
//! browser       the elements of the page; the only module that touches web_sys
//! ```
#![expect(
    unreachable_pub,
    reason = "the component macro makes what it expands to `pub`"
)]

mod app;
mod boot;
pub mod browser;
mod components;
mod messages;
mod pages;
mod route;

pub use boot::Boot;
