//! The session of this tab and its only writer: what is in memory, what is in storage, which sessions have ended.

use std::cell::RefCell;
use std::rc::Rc;

use super::context::Context;
use super::credentials_cache::CredentialsCache;
use super::event::Change;
use super::event::EventKind;
use super::keys;
use super::notes::Note;
use super::notes::Notes;
use super::record;
use super::state::Session;
use super::state::SignedIn;
use super::state::SignedOutReason;
use crate::config::StorageKind;
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
    session: RefCell<Session>,
    /// Sessions that ended; neither a late message nor a tab that was away restores one of them.
    ended: RefCell<Vec<String>>,
    notes: RefCell<Notes>,
}

impl<T: Transport, S: Store, H: Host> SessionStore<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>, credentials: Rc<CredentialsCache>) -> Self {
        Self {
            context,
            credentials,
            session: RefCell::new(Session::Restoring(None)),
            ended: RefCell::default(),
            notes: RefCell::default(),
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
    pub(super) fn set(&self, session: Session) {
        let shown = session.clone();
        let before = self.session.replace(session);
        if before.id() != shown.id() {
            self.credentials.forget();
        }
        self.context.notify(Change::Session(&shown));
    }

    /// Begins a session, or takes one over from another tab.
    pub(super) fn begin(&self, signed_in: &SignedIn) {
        self.write(signed_in);
        if self.context.config.session.storage == StorageKind::Memory {
            let _ = self.context.ports.pending.set(keys::WAS_SIGNED_IN, "1");
        }
        self.set(Session::SignedIn(Box::new(signed_in.clone())));
    }

    /// Changes the tokens of the session, or what belongs to them.
    pub(super) fn update(&self, signed_in: &SignedIn) {
        self.write(signed_in);
        let restoring = matches!(&*self.session.borrow(), Session::Restoring(_));
        let signed_in = Box::new(signed_in.clone());
        self.set(if restoring {
            Session::Restoring(Some(signed_in))
        } else {
            Session::SignedIn(signed_in)
        });
    }

    /// The session in storage.
    pub(super) fn stored(&self) -> Option<SignedIn> {
        record::load(&self.context.ports.sessions, &self.context.config.provider)
    }

    /// A session that cannot be stored still lasts until the page goes.
    fn write(&self, signed_in: &SignedIn) {
        let (sessions, provider) = (&self.context.ports.sessions, &self.context.config.provider);
        // Where tabs share a storage, this one may have missed something; and an old record is worse than none.
        let newer = self.stored().is_some_and(|stored| {
            stored.id == signed_in.id && stored.revision > signed_in.revision
        });
        if !newer && record::save(sessions, provider, signed_in).is_err() {
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

    /// Changes role and identity of the session `id`. Whether the role is another one.
    pub(super) fn set_identity(
        &self,
        id: &str,
        role: Option<String>,
        identity_id: Option<String>,
    ) -> bool {
        let Some(mut signed_in) = self.signed_in().filter(|signed_in| signed_in.id == id) else {
            return false;
        };
        let changed = signed_in.role != role;
        if changed {
            self.credentials.forget();
        }
        signed_in.role.clone_from(&role);
        signed_in.identity_id = identity_id;
        self.update(&signed_in);
        if changed {
            self.context.emit(EventKind::RoleChanged(role));
        }
        changed
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
    pub(super) fn forget(&self, reason: SignedOutReason) {
        if let Some(signed_in) = self.signed_in() {
            self.note_ended(signed_in.id);
        }
        self.discard_stored();
        let _ = self.context.ports.pending.remove(keys::WAS_SIGNED_IN);
        self.credentials.forget();
        self.set(Session::SignedOut(reason.clone()));
        self.context.emit(EventKind::SignedOut(reason));
    }

    /// Removes the session from storage.
    pub(super) fn discard_stored(&self) {
        record::discard(&self.context.ports.sessions);
    }
}
