//! The use cases: sign in, handle the callback, restore, renew, get credentials, call, sign out, and agree with the other
//! tabs about all of it.
//!
//! They work on ports only: the network, storage, and [`Host`](crate::host::Host), so that all of them run natively
//! against fakes. Nothing here is reactive and nothing here touches a browser.
//!
//! A part has its own state and knows only parts below itself; what passes between parts are values. Arrows only go down
//! (`tests/layers.rs` checks them):
//!
//! ```text
//! client                               facade: one method for each use case
//! restore, tick                        what a page does when it loads, and regularly
//! call, sign_out                       requests to the API; the end of a session
//! sign_in, credentials, accounts       tokens; AWS credentials; API-managed accounts
//! renewal                              new tokens: `decision` decides (pure), `renewal` acts, `backoff` waits
//! tabs, provider, pending              other tabs: `agreement` decides (pure); endpoints and keys; sign-ins under way
//! endpoints                            where the provider's endpoints are
//! session_store, idle                  the session and its one writer; the end of unused sessions
//! context                              site, ports, corrected clock, watcher
//! message, record, notes               pure: between tabs; in storage; refresh tokens that were sent
//! credentials_cache, clock, keys       pure: credentials at hand; the correction; names in storage
//! session_info, event, state, error    values
//! ```
//!
//! One renewal, top to bottom: `renewal/mod.rs`, `renewal/decision.rs`, `tabs/mod.rs`, `session_store.rs`.

pub mod accounts;
pub mod call;
mod client;
mod clock;
mod context;
mod credentials;
mod credentials_cache;
mod endpoints;
pub mod error;
pub mod event;
mod idle;
mod keys;
mod message;
mod notes;
mod pending;
mod provider;
mod record;
mod renewal;
pub mod restore;
mod session_info;
mod session_store;
mod sign_in;
pub mod sign_out;
pub mod state;
mod tabs;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod tick;

pub use call::builder::{Gateway, GatewayRequest};
pub use call::error::CallError;
pub use call::streamed::StreamedAnswer;
pub use client::Client;
pub use context::Ports;
pub use session_info::SessionInfo;
pub use sign_in::Completed;
