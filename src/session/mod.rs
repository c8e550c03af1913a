//! The use cases: sign in, answer the callback, restore, renew, get credentials, call, sign out.
//!
//! Each works on the two ports only, so that all of them run natively against scripted counterparts.
//! Nothing here is reactive and nothing here touches a browser. Who is signed in is passed in and handed
//! back as a value; the room above decides what to do with it.

mod call;
mod callback;
mod credentials;
pub mod error;
mod keys;
mod record;
mod renew;
mod restore;
mod sign_in;
mod sign_out;
pub mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::fmt;

pub use callback::CompletedSignIn;
pub use restore::Restored;

use crate::config::Config;
use crate::http::Transport;
use crate::store::Store;
use crate::time::Timestamp;

/// The use cases of one site: its configuration and its ports.
pub struct Client<T, S> {
    config: Config,
    origin: String,
    transport: T,
    sessions: S,
    pending: S,
    now: fn() -> Timestamp,
    credentials: credentials::Cache,
}

/// What a [`Client`] stands on.
pub struct Ports<T, S> {
    /// The way to the network.
    pub transport: T,
    /// Where the session is kept.
    pub sessions: S,
    /// Where sign-ins wait for their callback; must outlive a page load even when `sessions` does not.
    pub pending: S,
    /// This device's time.
    pub now: fn() -> Timestamp,
}

impl<T: Transport, S: Store> Client<T, S> {
    /// The use cases for a site at `origin` (`https://app.example.com`, no slash at the end).
    pub fn new(config: Config, origin: String, ports: Ports<T, S>) -> Self {
        let Ports {
            transport,
            sessions,
            pending,
            now,
        } = ports;
        Self {
            config,
            origin,
            transport,
            sessions,
            pending,
            now,
            credentials: credentials::Cache::default(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

impl<T, S> fmt::Debug for Client<T, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl<T, S> fmt::Debug for Ports<T, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ports")
    }
}
