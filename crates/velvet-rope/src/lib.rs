//! Velvet Rope: sign in with Amazon Cognito and call your API Gateway, from the browser, in Rust.
//!
//! The rooms, from the top down; each may use only rooms below it (`tests/layers.rs` keeps that):
//!
//! ```text
//! ui        routes, pages, components, and the words for people
//! auth      the reactive handle: one session signal out, verbs in
//! session   use cases over the three ports: sign in, callback, restore, renew, credentials, call, sign out
//! browser   the ports made of browser APIs: fetch, storage, other tabs, location, clock, randomness, signatures
//! oauth     pure: RFC 6749, RFC 7636 and OpenID Connect as Cognito and others speak them
//! aws       pure: identity pool, credentials, Signature Version 4
//! gateway   pure: requests to API Gateway, and what its answers mean
//! config    leaf: the configuration and its validation
//! http, store, host, time, secret, json    leaves: the ports and the small types that everybody shares
//! ```

#[cfg(feature = "leptos")]
pub mod auth;
pub mod aws;
#[cfg(feature = "browser")]
pub mod browser;
pub mod config;
pub mod gateway;
pub mod host;
pub mod http;
mod json;
pub mod oauth;
pub mod secret;
pub mod session;
pub mod store;
pub mod time;

/// The code in the documentation compiles, and does what is said there.
#[cfg(all(doctest, feature = "leptos"))]
mod docs {
    #[doc = include_str!("../../../docs/embedding.md")]
    struct Embedding;
    #[doc = include_str!("../../../docs/sessions.md")]
    struct Sessions;
}
