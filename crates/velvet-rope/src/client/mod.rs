//! The session of a page in the browser: a [`Client`] over the browser's own APIs, and the functions that answer
//! the callback, renew the session and leave for the provider. An app without Leptos uses this module directly;
//! `auth` puts signals on top of it.
//!
//! ```no_run
//! use velvet_rope::client::{self, browser_client, load_config};
//! use velvet_rope::session::event::Change;
//!
//! async fn start() {
//!     let Ok(config) = load_config().await else { return };
//!     let client = browser_client(config);
//!     client.watch(|change| {
//!         if let Change::Session(session) = change {
//!             println!("{:?}", session.state());
//!         }
//!     });
//!     client::open(&client, |outcome| println!("{outcome:?}"));
//!     client::run(&client, || {});
//! }
//! ```
//!
//! # Order
//!
//! Call [`browser_client`], then [`Client::watch`], then [`open`], then [`run`], once per page load. [`open`] must run
//! before a router reads the address, because it removes the parameters of a callback from it.
//!
//! # Leaving the page
//!
//! [`sign_in`], [`sign_out`] and [`add_passkey`] navigate to the provider. The page is gone soon after they return, so
//! code after them should not start anything that must finish.

mod callback;
mod load;
mod parts;
mod run;
mod socket;

use std::rc::Rc;

pub use callback::{CallbackOutcome, open};
pub use load::{LoadError, load_config};
pub use run::run;
pub use socket::{Socket, SocketEvent, open_socket};

use crate::browser::fetch::FetchTransport;
use crate::browser::host::BrowserHost;
use crate::browser::storage::BrowserStore;
use crate::browser::{page, random};
use crate::config::{Config, StorageKind};
use crate::oauth::options::SignInOptions;
use crate::session::error::AuthError;
use crate::session::sign_out::SignOutScope;
use crate::session::{Client, Gateway, GatewayRequest, Ports};

#[cfg(not(feature = "signer-module"))]
use crate::aws::signer::BuiltInSigner as PageSigner;
#[cfg(feature = "signer-module")]
use crate::browser::signer::ModuleSigner as PageSigner;

/// A [`Client`] over `fetch`, the browser's storage, timers and messages between tabs.
pub type BrowserClient = Client<FetchTransport, BrowserStore, BrowserHost>;

/// The builder of calls of this page.
pub type BrowserGateway = Gateway<FetchTransport, BrowserStore, BrowserHost>;

/// A request of this page under construction.
pub type BrowserRequest = GatewayRequest<FetchTransport, BrowserStore, BrowserHost>;

/// Creates the client of this page. Set its watcher, then call [`open`] and [`run`].
///
/// The client stores the session where `config.session.storage` says. Pending sign-ins are always in `sessionStorage`,
/// because the page that handles the callback is another page load. Only ids of ended sessions and device tokens of
/// API-managed accounts are in `localStorage` in every mode.
///
/// Two apps on one origin stay separate if they have different client ids.
///
/// # Examples
///
/// ```no_run
/// use velvet_rope::client::{browser_client, load_config, open, run, sign_in};
/// use velvet_rope::{AuthState, CallbackOutcome, Change, SignInOptions};
///
/// async fn start() {
///     let Ok(config) = load_config().await else { return };
///     let client = browser_client(config);
///     client.watch(|change| {
///         if let Change::Session(session) = change
///             && let AuthState::SignedIn(user) = session.state()
///         {
///             println!("{} is signed in", user.name);
///         }
///     });
///     open(&client, |outcome| {
///         if let CallbackOutcome::Failed(error) = outcome {
///             println!("the sign-in failed: {error}");
///         }
///     });
///     run(&client, || {});
///     // When the user asks for it:
///     let _ = sign_in(&client, "/orders", &SignInOptions::default()).await;
/// }
/// ```
#[must_use]
pub fn browser_client(config: Config) -> Rc<BrowserClient> {
    let ports = Ports {
        transport: FetchTransport,
        sessions: BrowserStore::new(config.session.storage),
        pending: BrowserStore::new(StorageKind::Session),
        shared: BrowserStore::new(StorageKind::Local),
        host: BrowserHost::new(&config.provider.client_id),
        signer: Box::<PageSigner>::default(),
    };
    Rc::new(Client::new(config, page::origin(), ports))
}

/// Leaves for the provider's sign-in page. Afterwards the user is back on `return_to`, a path of this site.
///
/// The browser leaves only when this function returns `Ok`. For `oidc` it may send a request first, for the discovery
/// document.
///
/// # Errors
/// Why the sign-in did not begin. The session then has the error too, unless the user is already signed in.
pub async fn sign_in(
    client: &Rc<BrowserClient>,
    return_to: &str,
    options: &SignInOptions,
) -> Result<(), AuthError> {
    let part = parts::sign_in(Rc::clone(client), return_to.to_owned(), options.clone());
    match part.await {
        Ok(begun) => begun,
        Err(unavailable) => {
            client.fail(unavailable.into());
            Err(unavailable.into())
        }
    }
}

/// The same, in the part of the app that has the code for it.
async fn begin(
    client: &Rc<BrowserClient>,
    return_to: &str,
    options: &SignInOptions,
) -> Result<(), AuthError> {
    let begun = match random::entropy() {
        _ if !page::is_secure_context() => Err(AuthError::InsecureContext),
        None => Err(AuthError::NoRandomness),
        Some(entropy) => client.begin_sign_in(return_to, options, entropy).await,
    };
    leave(client, begun)
}

/// Leaves for the hosted page that adds a passkey for the signed-in user.
///
/// # Errors
/// [`AuthError::SignInRequired`], or [`AuthError::NoPasskeys`] where the provider has no such page.
pub fn add_passkey(client: &BrowserClient, return_to: &str) -> Result<(), AuthError> {
    leave(client, client.begin_passkey(return_to))
}

/// Navigates to the address of an action that has begun, or reports why it has not.
fn leave(client: &BrowserClient, begun: Result<String, AuthError>) -> Result<(), AuthError> {
    match begun {
        Ok(url) => {
            client.leaving();
            let _ = page::leave_for(&url);
            Ok(())
        }
        Err(error) => {
            client.fail(error.clone());
            Err(error)
        }
    }
}

/// Deletes session and credentials in every tab, revokes the refresh token, then leaves for the provider to end its
/// session too. Returns whether the browser stays on this site because the provider cannot be reached: then show
/// [`Client::sign_out_report`].
///
/// Each request to the provider may take five seconds. The session is deleted before the first one, so a lost network
/// does not prevent the sign-out in this browser.
pub async fn sign_out(client: &Rc<BrowserClient>, scope: SignOutScope) -> bool {
    let Ok(url) = parts::sign_out(Rc::clone(client), scope).await else {
        client.report_unavailable(None);
        return false;
    };
    url.is_none_or(|url| !page::leave_for(&url))
}

/// The path to return to after a sign-in that begins on this page: the page itself, or `/` when it is the callback
/// page or the page after signing out.
///
/// It includes query and fragment. Use it as `return_to` of [`sign_in`].
#[must_use]
pub fn return_path(config: &Config) -> String {
    let path = page::path();
    let provider = &config.provider;
    let pages = [&provider.sign_in_path, &provider.sign_out_path];
    if pages.contains(&&path.trim_end_matches('/').to_owned()) {
        "/".to_owned()
    } else {
        page::path_query_fragment()
    }
}
