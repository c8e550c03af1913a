//! The reactive room: signals out, verbs in. It mirrors the session of a [`Client`] into signals, keeps its clock
//! going, and hands it what other tabs say.

mod callback;
pub mod components;
mod events;
mod heartbeat;
mod load;
mod verbs;

use std::rc::Rc;

pub use callback::CallbackOutcome;
pub use components::{RequireAuth, Restoring, SignedIn, SignedOut};
pub use heartbeat::Status;
use leptos::prelude::*;
pub use load::{LoadError, load_config};

use crate::browser::{fetch::FetchTransport, host::BrowserHost, page, storage::BrowserStore};
use crate::config::{Config, StorageKind};
use crate::session::event::{Change, Event};
use crate::session::sign_out::SignOutReport;
use crate::session::state::{Session, Who};
use crate::session::{Client, Facts, Ports};

type BrowserClient = Client<FetchTransport, BrowserStore, BrowserHost>;

/// Who is signed in, and what they can do. `Copy`: take it where you need it.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    session: RwSignal<Session>,
    who: Memo<Who>,
    callback: RwSignal<CallbackOutcome>,
    status: RwSignal<Status>,
    events: RwSignal<Vec<Event>>,
    listeners: events::Listeners,
    client: StoredValue<Rc<BrowserClient>, LocalStorage>,
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
    };
    let client = Rc::new(Client::new(config, page::origin(), ports));
    let session = RwSignal::new(Session::Restoring(None));
    let auth = Auth {
        session,
        who: Memo::new(move |_| session.with(Session::who)),
        callback: RwSignal::new(CallbackOutcome::None),
        status: RwSignal::new(Status::default()),
        events: RwSignal::new(Vec::new()),
        listeners: StoredValue::new_local(Vec::new()),
        client: StoredValue::new_local(Rc::clone(&client)),
    };
    client.watch(move |change| match change {
        // Whoever watches may be gone before the client is.
        Change::Session(session) => {
            let _ = auth.session.try_set(session.clone());
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
    pub fn who(self) -> Memo<Who> {
        self.who
    }

    /// What became of the callback that this page load answered.
    #[must_use]
    pub fn callback(self) -> Signal<CallbackOutcome> {
        self.callback.into()
    }

    /// How it stands with renewal, clock and rest: what people should be told at any time.
    #[must_use]
    pub fn status(self) -> Signal<Status> {
        self.status.into()
    }

    /// What may be shown of the session, if there is one. Reading it in a view follows every renewal.
    #[must_use]
    pub fn facts(self) -> Option<Facts> {
        self.session.track();
        self.events.track();
        self.client().facts()
    }

    /// What the last sign-out of this tab did, until the next sign-in begins.
    #[must_use]
    pub fn sign_out_report(self) -> Option<SignOutReport> {
        self.session.track();
        self.client().sign_out_report()
    }

    /// How many tabs hold the session, this one among them.
    pub async fn tabs(self) -> usize {
        self.client().tabs().await
    }

    /// The time, as far as it is known: this device's clock, corrected by what servers said.
    #[must_use]
    pub fn now(self) -> crate::time::Timestamp {
        self.client().now()
    }

    /// The configuration.
    #[must_use]
    pub fn config(self) -> Config {
        self.client().config().clone()
    }

    fn client(self) -> Rc<BrowserClient> {
        self.client.get_value()
    }
}
