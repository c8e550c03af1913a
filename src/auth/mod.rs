//! The reactive room: one private session signal; readers get signals out, writers call verbs.

mod callback;
mod load;
mod verbs;

use std::rc::Rc;

pub use callback::CallbackOutcome;
use leptos::prelude::*;
pub use load::{LoadError, load_config};

use crate::browser::{clock, fetch::FetchTransport, page, storage::BrowserStore};
use crate::config::{Config, StorageKind};
use crate::session::state::{Session, SignedIn, SignedOutReason, Who};
use crate::session::{Client, Ports, Restored};

type BrowserClient = Client<FetchTransport, BrowserStore>;

/// Who is signed in, and what they can do. `Copy`: take it where you need it.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    session: RwSignal<Session>,
    who: Memo<Who>,
    callback: RwSignal<CallbackOutcome>,
    client: StoredValue<Rc<BrowserClient>, LocalStorage>,
    renewing: StoredValue<Rc<futures::lock::Mutex<()>>, LocalStorage>,
    /// Counts the changes of the session, so that work that outlives one does not write into the next.
    epoch: StoredValue<u64>,
}

/// Takes up the session, answers the callback if this page is one, and makes [`Auth`] available to
/// everything below. Call it once, above the router, in a component.
pub fn provide_auth(config: Config) {
    let ports = Ports {
        transport: FetchTransport,
        sessions: BrowserStore::new(config.storage),
        pending: BrowserStore::new(StorageKind::Session),
        now: clock::now,
    };
    let session = RwSignal::new(Session::Restoring);
    let auth = Auth {
        session,
        who: Memo::new(move |_| session.with(Session::who)),
        callback: RwSignal::new(CallbackOutcome::None),
        client: StoredValue::new_local(Rc::new(Client::new(config, page::origin(), ports))),
        renewing: StoredValue::new_local(Rc::default()),
        epoch: StoredValue::new(0),
    };
    provide_context(auth);
    auth.start();
    // A page that comes back out of the browser's cache still says that it is leaving for the hosted UI.
    page::on_return(move || {
        if matches!(auth.session.try_get_untracked(), Some(Session::SigningIn)) {
            auth.restore();
        }
    });
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

    /// The configuration.
    #[must_use]
    pub fn config(self) -> Config {
        self.client().config().clone()
    }

    fn client(self) -> Rc<BrowserClient> {
        self.client.get_value()
    }

    /// The only place that assigns the session.
    fn set_session(self, session: Session) {
        self.epoch.update_value(|epoch| *epoch += 1);
        self.session.set(session);
    }

    /// Assigns the session unless it has changed since `epoch` was read.
    fn set_session_if(self, epoch: u64, session: Session) {
        if self.epoch.try_get_value() == Some(epoch) {
            self.set_session(session);
        }
    }

    /// Assigns the session and answers the epoch that this began.
    fn begin(self, session: Session) -> u64 {
        self.set_session(session);
        self.epoch.get_value()
    }

    fn signed_in(self) -> Option<Box<SignedIn>> {
        match self.session.get_untracked() {
            Session::SignedIn(signed_in) => Some(signed_in),
            _ => None,
        }
    }

    fn restore(self) {
        match self.client().restore() {
            Restored::Live(signed_in) => self.set_session(Session::SignedIn(signed_in)),
            Restored::SignedOut(reason) => self.set_session(Session::SignedOut(reason)),
            Restored::NeedsRenewal(signed_in) => {
                let epoch = self.begin(Session::Restoring);
                leptos::task::spawn_local(async move {
                    let session = match self.client().renew(&signed_in).await {
                        Ok(renewed) => Session::SignedIn(Box::new(renewed)),
                        Err(error) if error.needs_sign_in() => {
                            Session::SignedOut(SignedOutReason::Expired)
                        }
                        Err(error) => Session::SignedOut(SignedOutReason::Failed(error)),
                    };
                    self.set_session_if(epoch, session);
                });
            }
        }
    }
}
