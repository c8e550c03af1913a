//! The session of this tab and its only writer: what is in memory, what is in storage, which sessions have ended.
//!
//! All other parts read copies and hand changes to this one. So no part can keep an outdated session in place of a
//! newer one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::context::Context;
use super::credentials_cache::CredentialsCache;
use super::event::Change;
use super::event::EventKind;
use super::keys;
use super::notes::Note;
use super::notes::Notes;
use super::record;
use super::record::Stored;
use super::state::Identity;
use super::state::Session;
use super::state::SignedIn;
use super::state::SignedOutReason;
use crate::config::StorageKind;
use crate::gateway::CancelToken;
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;

/// How many ended sessions are remembered.
const ENDED_LIMIT: usize = 16;

/// The session of this tab.
pub(super) struct SessionStore<T, S, H> {
    context: Rc<Context<T, S, H>>,
    /// Emptied whenever another user, or none, is signed in.
    credentials: Rc<CredentialsCache>,
    /// Never borrowed while the watcher runs, because the watcher may call the client.
    session: RefCell<Session>,
    /// The session that was signed in last, and what cancels the calls of its user.
    user: RefCell<(Option<String>, CancelToken)>,
    /// Sessions that ended; neither a late message nor a tab that was away restores one of them.
    ended: RefCell<Vec<String>>,
    notes: RefCell<Notes>,
    /// Whether a newer release of the site was noticed.
    newer_release: Cell<bool>,
    /// The session that it shares with this tab.
    shared_with_newer: RefCell<Option<String>>,
}

impl<T: Transport, S: Store, H: Host> SessionStore<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>, credentials: Rc<CredentialsCache>) -> Self {
        Self {
            context,
            credentials,
            session: RefCell::new(Session::Restoring(None)),
            user: RefCell::default(),
            ended: RefCell::default(),
            notes: RefCell::default(),
            newer_release: Cell::default(),
            shared_with_newer: RefCell::default(),
        }
    }

    /// The session.
    pub(super) fn session(&self) -> Session {
        self.session.borrow().clone()
    }

    /// The tokens and what belongs to them, also while they are being restored.
    pub(super) fn signed_in(&self) -> Option<Box<SignedIn>> {
        let session = self.session.borrow();
        session
            .signed_in()
            .map(|signed_in| Box::new(signed_in.clone()))
    }

    /// Whether this tab has the session `id`.
    pub(super) fn is_session(&self, id: &str) -> bool {
        self.session.borrow().id() == Some(id)
    }

    /// The only place that assigns the session.
    /// Credentials of another user or role are dropped in the same step.
    pub(super) fn set(&self, session: Session) {
        let shown = session.clone();
        let before = self.session.replace(session);
        if before.subject() != shown.subject() {
            self.credentials.forget();
        }
        self.cancel_calls_of_others(&shown);
        self.context.notify(Change::Session(&shown));
        if shown.signed_in().is_some() {
            self.context.session_is_there();
        }
    }

    /// Cancels the calls of a user who is not signed in any more.
    fn cancel_calls_of_others(&self, session: &Session) {
        // A page that leaves for the hosted UI, or looks for the session, still has its user.
        if matches!(session, Session::SigningIn | Session::Restoring(None)) {
            return;
        }
        let id = session.id().map(str::to_owned);
        let before = self.user.borrow().0.clone();
        if before == id {
            return;
        }
        let calls = if before.is_some() {
            CancelToken::new()
        } else {
            self.calls()
        };
        let (_, of_before) = self.user.replace((id, calls));
        if before.is_some() {
            of_before.cancel();
        }
    }

    /// Cancelled when the user signs out, or another one signs in.
    pub(super) fn calls(&self) -> CancelToken {
        self.user.borrow().1.clone()
    }

    /// Begins a session, or adopts one from another tab.
    pub(super) fn begin(&self, signed_in: &SignedIn) {
        self.write(signed_in);
        if self.context.config.session.storage == StorageKind::Memory {
            let _ = self.context.ports.pending.set(keys::WAS_SIGNED_IN, "1");
        }
        self.set(Session::SignedIn(Box::new(signed_in.clone())));
    }

    /// Changes the tokens of the session, or what belongs to them. Role and identity are not undone by a copy of the
    /// session that was made before they changed.
    pub(super) fn update(&self, signed_in: &SignedIn) {
        let mut signed_in = Box::new(signed_in.clone());
        if let Some(current) = self.session.borrow().signed_in()
            && current.id == signed_in.id
        {
            signed_in.identity = signed_in.identity.merged(&current.identity);
        }
        self.write(&signed_in);
        let restoring = matches!(&*self.session.borrow(), Session::Restoring(_));
        self.set(if restoring {
            Session::Restoring(Some(signed_in))
        } else {
            Session::SignedIn(signed_in)
        });
    }

    /// Reads the storage each time: another tab may have written it.
    fn load(&self) -> Stored {
        record::load(&self.context.ports.sessions, &self.context.config.provider)
    }

    /// The session in storage. One that a newer release has written is left there.
    pub(super) fn stored(&self) -> Option<SignedIn> {
        match self.load() {
            Stored::Session(signed_in) => Some(*signed_in),
            Stored::Newer(id) => {
                self.note_newer_release(id);
                None
            }
            Stored::Nothing => None,
        }
    }

    /// Remembers that a newer release of the site has the session `id`, or another one, or none.
    pub(super) fn note_newer_release(&self, id: Option<String>) {
        if let Some(id) = id.filter(|id| self.is_session(id)) {
            self.shared_with_newer.replace(Some(id));
        }
        if !self.newer_release.replace(true) {
            self.context.emit(EventKind::NewerRelease);
        }
    }

    /// Whether a newer release of the site has the session `id` too. That release then renews it.
    pub(super) fn is_shared_with_newer_release(&self, id: &str) -> bool {
        self.shared_with_newer.borrow().as_deref() == Some(id)
    }

    /// A session that cannot be stored still lasts until the page goes.
    fn write(&self, signed_in: &SignedIn) {
        let (sessions, provider) = (&self.context.ports.sessions, &self.context.config.provider);
        let mut written = signed_in.clone();
        match self.load() {
            // Where tabs share a storage, this one may have missed something; and an old record is worse than none.
            Stored::Session(stored) if stored.id == written.id => {
                if stored.revision > written.revision {
                    return;
                }
                written.identity = written.identity.merged(&stored.identity);
            }
            Stored::Newer(Some(id)) if id == written.id => return,
            Stored::Session(_) | Stored::Newer(_) | Stored::Nothing => {}
        }
        if record::save(sessions, provider, &written).is_err() {
            record::discard(sessions);
        }
    }

    /// Remembers a note without changing the session.
    pub(super) fn remember_note(&self, note: Note) {
        self.notes.borrow_mut().remember(note);
    }

    /// Remembers the note that a session carries.
    pub(super) fn remember_note_of(&self, signed_in: &SignedIn) {
        if let Some(note) = Note::of(signed_in) {
            self.remember_note(note);
        }
    }

    /// Remembers a note, and writes it into the session that it is about.
    pub(super) fn add_note(&self, note: &Note) {
        self.remember_note(note.clone());
        if let Some(mut signed_in) = self.signed_in()
            && signed_in.id == note.id
            && signed_in.revision == note.revision
        {
            self.with_notes(&mut signed_in);
            self.update(&signed_in);
        }
    }

    /// Writes into a session what is noted about it.
    pub(super) fn with_notes(&self, signed_in: &mut SignedIn) {
        self.notes.borrow().apply(signed_in);
    }

    /// Changes role and identity of the session `id`.
    pub(super) fn set_identity(&self, id: &str, identity: Identity) {
        let Some(mut signed_in) = self.signed_in().filter(|signed_in| signed_in.id == id) else {
            return;
        };
        let role = identity.role.value.clone();
        let changed = signed_in.identity.role.value != role;
        signed_in.identity = identity;
        self.update(&signed_in);
        if changed {
            self.context.emit(EventKind::RoleChanged(role));
        }
    }

    /// Remembers that a session has ended, in this tab and for tabs that are away now.
    pub(super) fn note_ended(&self, id: String) {
        let shared = &self.context.ports.shared;
        let stored = shared.get(keys::ENDED).ok().flatten().unwrap_or_default();
        let mut ids: Vec<&str> = stored.split(' ').filter(|stored| *stored != id).collect();
        ids.push(&id);
        let from = ids.len().saturating_sub(ENDED_LIMIT);
        let _ = shared.set(keys::ENDED, &ids[from..].join(" "));
        self.ended.borrow_mut().push(id);
    }

    /// Whether the session `id` has ended, as far as this tab can know.
    pub(super) fn has_ended(&self, id: &str) -> bool {
        let stored = self.context.ports.shared.get(keys::ENDED).ok().flatten();
        self.ended.borrow().iter().any(|ended| ended == id)
            || stored.is_some_and(|stored| stored.split(' ').any(|ended| ended == id))
    }

    /// Forgets all that this tab knows of the session, before anything is sent.
    /// After it, neither storage nor a message of another tab restores the session.
    pub(super) fn forget(&self, reason: SignedOutReason) {
        let signed_in = self.signed_in();
        let stored_by_newer = match self.load() {
            Stored::Newer(id) => Some(id),
            Stored::Session(_) | Stored::Nothing => None,
        };
        if let Some(signed_in) = &signed_in {
            self.note_ended(signed_in.id.clone());
        }
        // What a newer release has stored is removed only if the user signed out of that session.
        let by_user = matches!(reason, SignedOutReason::SignedOut | SignedOutReason::Idle);
        let id = signed_in.map(|signed_in| signed_in.id);
        if stored_by_newer.is_none_or(|stored| by_user && stored == id) {
            self.discard_stored();
        }
        let _ = self.context.ports.pending.remove(keys::WAS_SIGNED_IN);
        self.credentials.forget();
        self.set(Session::SignedOut(reason.clone()));
        self.context.emit(EventKind::SignedOut(reason));
    }

    /// Ends a stored session that this tab does not have (yet), whichever release has written it. Its id.
    pub(super) fn end_stored(&self) -> Option<String> {
        let id = match self.load() {
            Stored::Session(signed_in) => Some(signed_in.id),
            Stored::Newer(id) => id,
            Stored::Nothing => None,
        }
        .filter(|id| !self.is_session(id))?;
        self.note_ended(id.clone());
        self.discard_stored();
        Some(id)
    }

    fn discard_stored(&self) {
        record::discard(&self.context.ports.sessions);
    }
}
