//! Velvet Rope: sign in with Amazon Cognito, or another OpenID Connect provider, and call your API Gateway from the
//! browser, in Rust.
//!
//! # Quick start
//!
//! An app that signs in, shows the user's menu and calls a route with a signature. `/config.json` names the user pool,
//! the identity pool and the API.
//!
//! ```no_run
//! use leptos::prelude::*;
//! use velvet_rope::{AuthProvider, Restoring, SignInButton, SignedIn, SignedOut, UserMenu, use_auth};
//!
//! #[component]
//! fn Orders() -> impl IntoView {
//!     let auth = use_auth();
//!     let answer = LocalResource::new(move || async move {
//!         match auth.gateway().get("/orders").query("limit", 10).send().await {
//!             Ok(answer) => answer.text().into_owned(),
//!             Err(error) => error.to_string(),
//!         }
//!     });
//!     view! { <pre>{move || answer.get()}</pre> }
//! }
//!
//! fn main() {
//!     leptos::mount::mount_to_body(|| view! {
//!         <AuthProvider>
//!             <UserMenu/>
//!             <Restoring>"One moment…"</Restoring>
//!             <SignedOut><SignInButton/></SignedOut>
//!             <SignedIn><Orders/></SignedIn>
//!         </AuthProvider>
//!     });
//! }
//! ```
//!
//! # Map
//!
//! The names that most apps need are at the root of the crate. The modules, from the top down; each uses only modules
//! below it, which `tests/layers.rs` checks:
//!
//! ```text
//! auth      the reactive handle and the components                                      feature leptos
//! client    the session of a page in the browser: callback, renewal, loading the configuration   feature browser
//! session   the use cases over three ports: sign in, restore, renew, credentials, call, sign out
//! browser   the ports made of browser APIs: fetch, storage, other tabs, clock, randomness        feature browser
//! oauth     pure: RFC 6749, RFC 7636 and OpenID Connect as Cognito and other providers use them
//! aws       pure: identity pool, credentials, Signature Version 4
//! gateway   pure: requests to API Gateway, and what its answers mean
//! config    the configuration and its validation
//! http, store, host, time, secret, json, later    the ports and small types
//! ```
//!
//! # Features
//!
//! - `leptos` (default): [`Auth`], the components and the guards.
//! - `browser`: the client of a page without Leptos, [`browser_client`].
//! - `signer-module`: requests are signed by a module of its own, which the app loads when it first needs it.
//! - `split`: parts of the app are files of their own; the build needs a further step ([`later!`]).
//! - none of them: the pure modules and [`session`], which compile natively.

#[cfg(feature = "leptos")]
pub mod auth;
pub mod aws;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod client;
pub mod config;
pub mod gateway;
pub mod host;
pub mod http;
mod json;
pub mod later;
pub mod oauth;
pub mod secret;
pub mod session;
pub mod store;
pub mod time;

#[cfg(feature = "leptos")]
pub use auth::{
    Auth, AuthProvider, CallbackPage, GatewayResource, Loaded, RequireAuth, Restoring,
    SignInButton, SignedIn, SignedOut, SignedOutPage, Status, UserMenu, ViewOf, Watched,
    gateway_resource, provide_auth, use_auth, use_sign_out,
};
pub use aws::{BuiltInSigner, IdentityPoolError, SigningError};
#[cfg(feature = "browser")]
pub use client::{
    BrowserClient, BrowserGateway, BrowserRequest, CallbackOutcome, LoadError, browser_client,
    load_config,
};
pub use config::{
    Config, ConfigError, Mistake, Provider, ProviderKind, Route, RouteAuth, SessionPolicy,
    StorageKind, parse as parse_config,
};
pub use gateway::{
    Answer, CallAuth, CancelToken, Denial, DenialReason, JsonError, Multipart, Refusal,
    RequestError, Timing,
};
pub use host::{Host, RsaKey};
pub use http::{
    Body, HttpRequest, HttpResponse, Method, StreamedResponse, Transport, TransportError,
    UploadProgress,
};
pub use later::PartUnavailable;
pub use oauth::{PasskeyResult, Prompt, Screen, SignInOptions};
pub use session::accounts::{Account, AccountError, AccountSignOut};
pub use session::error::{AuthError, Step};
pub use session::event::{Change, Event, EventKind};
pub use session::sign_out::{Ending, SignOutReport, SignOutScope};
pub use session::state::{AuthState, SignedOutReason, User};
pub use session::{CallError, Client, Gateway, GatewayRequest, Ports, SessionInfo, StreamedAnswer};
pub use store::{MemoryStore, Store, StoreError};
pub use time::Timestamp;

/// The code in the documentation compiles and runs.
#[cfg(all(doctest, feature = "leptos"))]
mod docs {
    #[doc = include_str!("../../../docs/calling.md")]
    struct Calling;
    #[doc = include_str!("../../../docs/embedding.md")]
    struct Embedding;
    #[doc = include_str!("../../../docs/sessions.md")]
    struct Sessions;
    #[doc = include_str!("../../../docs/testing.md")]
    struct Testing;
}
