//! The app: sign in, call the configured routes, show the session, sign out. It uses only public items of
//! `velvet_rope`, as any other app would.
//!
//! ```text
//! app, boot     load the configuration, choose the page of an address
//! pages         compose components, read the session, send their requests
//! console       the API console: operations, request, answer
//! doctor        compares the configuration with the system
//! components    shared by several pages
//! route         the path of each page
//! messages      the texts of errors, events and values
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
mod console;
mod doctor;
mod messages;
mod pages;
mod route;

pub use boot::Boot;
