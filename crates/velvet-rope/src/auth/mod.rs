//! The reactive room: signals out, verbs in. It mirrors the session of a [`Client`] into signals, keeps its clock
//! going, and hands it what other tabs say.

mod actions;
mod callback;
pub mod components;
mod events;
mod heartbeat;
mod load;
mod watched;

use std::rc::Rc;

pub use callback::CallbackOutcome;
pub use components::{RequireAuth, Restoring, SignedIn, SignedOut};
pub use heartbeat::Status;
use leptos::prelude::*;
pub use load::{LoadError, load_config};
use watched::Shared;
pub use watched::Watched;

use crate::browser::{fetch::FetchTransport, host::BrowserHost, page, storage::BrowserStore};
use crate::config::{Config, StorageKind};
use crate::session::accounts::Account;
use crate::session::event::{Change, Event};
use crate::session::sign_out::SignOutReport;
use crate::session::state::AuthState;
use crate::session::{Client, Ports, SessionInfo};

#[cfg(not(feature = "signer-module"))]
use crate::aws::signer::BuiltInSigner as PageSigner;
#[cfg(feature = "signer-module")]
use crate::browser::signer::ModuleSigner as PageSigner;

type BrowserClient = Client<FetchTransport, BrowserStore, BrowserHost>;

/// Who is signed in, and what they can do. `Copy`: take it where you need it.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    /// Notified by every change of the session, also of its tokens.
    session: Trigger,
    who: Watched<AuthState>,
    callback: Watched<CallbackOutcome>,
    status: Watched<Status>,
    events: Watched<Vec<Event>>,
}

/// Takes up the session, answers the callback if this page is one, and makes [`Auth`] available to
/// everything below. Call it once, above the router, in a component.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::auth::{SignedIn, provide_auth, use_auth};
/// use velvet_rope::config::Config;
///
/// #[component]
/// fn App(config: Config) -> impl IntoView {
///     provide_auth(config);
///     view! { <SignedIn>"Come in"</SignedIn> }
/// }
/// ```
pub fn provide_auth(config: Config) {
    let host = BrowserHost::new(&config.provider.client_id);
    let ports = Ports {
        transport: FetchTransport,
        sessions: BrowserStore::new(config.session.storage),
        pending: BrowserStore::new(StorageKind::Session),
        shared: BrowserStore::new(StorageKind::Local),
        host,
        signer: Box::<PageSigner>::default(),
    };
    let client = Client::new(config, page::origin(), ports);
    let shared = StoredValue::new_local(Rc::new(Shared::new(client)));
    let auth = Auth {
        shared,
        session: Trigger::new(),
        who: Watched::new(shared, |shared| &shared.who),
        callback: Watched::new(shared, |shared| &shared.callback),
        status: Watched::new(shared, |shared| &shared.status),
        events: Watched::new(shared, |shared| &shared.events),
    };
    auth.shared().client.watch(move |change| match change {
        Change::Session(session) => {
            let who = session.state();
            auth.who.update(|shown| *shown = who);
            auth.session.notify();
        }
        Change::Event(event) => auth.record(event),
    });
    provide_context(auth);
    auth.start();
    auth.look_after();
}

/// The [`Auth`] of [`provide_auth`].
///
/// # Panics
/// Outside a component below [`provide_auth`].
#[must_use]
pub fn use_auth() -> Auth {
    expect_context()
}

impl Auth {
    /// Who is using the app. It changes only when what can be shown of it does: a renewed token changes nothing.
    #[must_use]
    pub fn state(self) -> Watched<AuthState> {
        self.who
    }

    /// What became of the callback that this page load answered.
    #[must_use]
    pub fn callback(self) -> Watched<CallbackOutcome> {
        self.callback
    }

    /// How it stands with renewal, clock and rest: what people should be told at any time.
    #[must_use]
    pub fn status(self) -> Watched<Status> {
        self.status
    }

    /// What may be shown of the session, if there is one. Reading it in a view follows every renewal.
    #[must_use]
    pub fn session_info(self) -> Option<SessionInfo> {
        self.session.track();
        self.events.track();
        self.shared().client.session_info()
    }

    /// What the last sign-out of this tab did, until the next sign-in begins.
    #[must_use]
    pub fn sign_out_report(self) -> Option<SignOutReport> {
        self.session.track();
        self.shared().client.sign_out_report()
    }

    /// Who is signed in with an account of the API's own. Reading it in a view follows every change.
    #[must_use]
    pub fn account(self) -> Option<Account> {
        self.session.track();
        self.shared().client.account()
    }

    /// How many tabs hold the session, this one among them.
    pub async fn tab_count(self) -> usize {
        self.shared().client.tab_count().await
    }

    /// The time, as far as it is known: this device's clock, corrected by what servers said.
    #[must_use]
    pub fn now(self) -> crate::time::Timestamp {
        self.shared().client.now()
    }

    /// The configuration.
    #[must_use]
    pub fn config(self) -> Config {
        self.shared().client.config().clone()
    }

    fn shared(self) -> Rc<Shared> {
        self.shared.get_value()
    }
}
