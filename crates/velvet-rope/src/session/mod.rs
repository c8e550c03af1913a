//! The use cases: sign in, answer the callback, restore, renew, get credentials, call, sign out, and agree with
//! the other tabs about all of it.
//!
//! Each works on three ports only, the network, a store, and what surrounds the page, so that all of them run
//! natively against scripted counterparts. Nothing here is reactive and nothing here touches a browser. A
//! [`Client`] holds the one session of its tab; whoever watches it is told of every change.

pub mod accounts;
mod call;
mod callback;
mod clock;
mod credentials;
pub mod error;
pub mod event;
mod idle;
mod keys;
mod provider;
mod record;
mod renew;
pub mod restore;
mod session_info;
mod sign_in;
pub mod sign_out;
pub mod state;
mod tabs;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod tick;

use std::cell::{Cell, RefCell};
use std::fmt;

pub use callback::Completed;
pub use session_info::SessionInfo;

use event::{Change, Event, EventKind};
use state::{Session, SignedIn, SignedOutReason};

use crate::aws::signer::Signer;
use crate::config::{Config, StorageKind};
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;

/// The use cases of one site, and the session of one tab.
pub struct Client<T, S, H> {
    config: Config,
    origin: String,
    transport: T,
    sessions: S,
    pending: S,
    shared: S,
    host: H,
    signer: Box<dyn Signer>,
    state: RefCell<Session>,
    /// Sessions that ended; neither a late message nor a tab that was away brings one of them back.
    ended: RefCell<Vec<String>>,
    offset_seconds: Cell<i64>,
    renewal: renew::Renewal,
    credentials: credentials::Cache,
    provider: provider::Cache,
    idle: idle::Idle,
    watcher: RefCell<Option<Watcher>>,
}

/// How many ended sessions are remembered.
const ENDED_REMEMBERED: usize = 16;

type Watcher = std::rc::Rc<dyn Fn(Change<'_>)>;

/// What a [`Client`] stands on.
pub struct Ports<T, S, H> {
    /// The way to the network.
    pub transport: T,
    /// Where the session is kept.
    pub sessions: S,
    /// Where sign-ins wait for their callback; must outlive a page load even when `sessions` does not.
    pub pending: S,
    /// What every tab of this site sees and what outlives them: only the ids of sessions that were ended go there.
    pub shared: S,
    /// What surrounds the page.
    pub host: H,
    /// What signs requests.
    pub signer: Box<dyn Signer>,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// The use cases for a site at `origin` (`https://app.example.com`, no slash at the end).
    pub fn new(config: Config, origin: String, ports: Ports<T, S, H>) -> Self {
        let Ports {
            transport,
            sessions,
            pending,
            shared,
            host,
            signer,
        } = ports;
        let client = Self {
            config,
            origin,
            transport,
            sessions,
            pending,
            shared,
            host,
            signer,
            state: RefCell::new(Session::Restoring(None)),
            ended: RefCell::default(),
            offset_seconds: Cell::default(),
            renewal: renew::Renewal::default(),
            credentials: credentials::Cache::default(),
            provider: provider::Cache::default(),
            idle: idle::Idle::default(),
            watcher: RefCell::default(),
        };
        client.remember_clock();
        client
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What surrounds the page.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// The session.
    pub fn session(&self) -> Session {
        self.state.borrow().clone()
    }

    /// Calls `watcher` with every change from now on, in place of the watcher before.
    pub fn watch(&self, watcher: impl Fn(Change<'_>) + 'static) {
        *self.watcher.borrow_mut() = Some(std::rc::Rc::new(watcher));
    }

    fn signed_in(&self) -> Option<Box<SignedIn>> {
        match &*self.state.borrow() {
            Session::SignedIn(signed_in) | Session::Restoring(Some(signed_in)) => {
                Some(signed_in.clone())
            }
            _ => None,
        }
    }

    fn is_session(&self, id: &str) -> bool {
        self.signed_in().is_some_and(|signed_in| signed_in.id == id)
    }

    /// The only place that assigns the session.
    fn set_session(&self, session: Session) {
        let told = session.clone();
        self.state.replace(session);
        self.notify(Change::Session(&told));
    }

    fn emit(&self, kind: EventKind) {
        let event = Event {
            at: self.now(),
            kind,
        };
        self.notify(Change::Event(&event));
    }

    /// The watcher may call back, so nothing is borrowed while it runs.
    fn notify(&self, change: Change<'_>) {
        let watcher = self.watcher.borrow().clone();
        if let Some(watcher) = watcher {
            watcher(change);
        }
    }

    /// Assigns the tokens of the session and keeps them. A session that cannot be kept still holds until the
    /// page goes.
    fn persist(&self, signed_in: &SignedIn) {
        let provider = &self.config.provider;
        let newer = record::load(&self.sessions, provider)
            .is_some_and(|kept| kept.id == signed_in.id && kept.revision > signed_in.revision);
        // Where tabs share a store, this one may have missed something; and an old record is worse than none.
        if !newer && record::save(&self.sessions, provider, signed_in).is_err() {
            record::discard(&self.sessions);
        }
        let signed_in = Box::new(signed_in.clone());
        let restoring = matches!(&*self.state.borrow(), Session::Restoring(_));
        self.set_session(if restoring {
            Session::Restoring(Some(signed_in))
        } else {
            Session::SignedIn(signed_in)
        });
    }

    /// Begins a session, or takes one over from another tab.
    fn begin(&self, signed_in: &SignedIn) {
        self.set_session(Session::SignedIn(Box::new(signed_in.clone())));
        self.persist(signed_in);
        if self.config.session.storage == StorageKind::Memory {
            let _ = self.pending.set(keys::WAS_SIGNED_IN, "1");
        }
    }

    /// Remembers that a session has ended, for this tab and for those that are away now.
    fn note_ended(&self, id: String) {
        let kept = self.shared.get(keys::ENDED).ok().flatten();
        let kept = kept.unwrap_or_default();
        let mut ids: Vec<&str> = kept.split(' ').filter(|kept| *kept != id).collect();
        ids.push(&id);
        let from = ids.len().saturating_sub(ENDED_REMEMBERED);
        let _ = self.shared.set(keys::ENDED, &ids[from..].join(" "));
        self.ended.borrow_mut().push(id);
    }

    fn has_ended(&self, id: &str) -> bool {
        let kept = self.shared.get(keys::ENDED).ok().flatten();
        self.ended.borrow().iter().any(|ended| ended == id)
            || kept.is_some_and(|kept| kept.split(' ').any(|ended| ended == id))
    }

    /// Forgets everything that this tab knows of the session, whatever the network does afterwards.
    fn forget(&self, reason: SignedOutReason) {
        if let Some(signed_in) = self.signed_in() {
            self.note_ended(signed_in.id);
        }
        record::discard(&self.sessions);
        let _ = self.pending.remove(keys::WAS_SIGNED_IN);
        self.credentials.forget();
        self.renewal.reset();
        self.set_session(Session::SignedOut(reason.clone()));
        self.emit(EventKind::SignedOut(reason));
    }
}

impl<T, S, H> fmt::Debug for Client<T, S, H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl<T, S, H> fmt::Debug for Ports<T, S, H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ports")
    }
}
