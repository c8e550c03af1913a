//! The other tabs of this site. Each tab has a session in memory; the tabs send each other its changes, and claim which
//! session and which revision of it they have. A claim is visible at once, a message may be late: from the claims a tab
//! knows which messages it has not received yet.

pub(super) mod agreement;

use std::rc::Rc;
use std::time::Duration;

use super::context::Context;
use super::idle::Idle;
use super::message;
use super::message::Message;
use super::message::Received;
use super::session_store::SessionStore;
use super::state::Identity;
use super::state::Session;
use super::state::SignedIn;
use super::state::SignedOutReason;
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;

use agreement::{Effect, View};

/// How long another tab may take to send what it claims to have.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// How often a tab that waits for others looks again.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// The agreement with the other tabs.
/// It has no state of its own: the session is in the store, claims and messages are in the port [`Host`].
pub(super) struct Tabs<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    idle: Rc<Idle<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> Tabs<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        idle: Rc<Idle<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            idle,
        }
    }

    /// Handles a message of another tab. Any other text is ignored.
    pub(super) async fn on_message(&self, text: &str) {
        let message = match message::read(&self.context.config.provider, text) {
            Received::Message(message) => message,
            Received::Newer(id) => return self.store.note_newer_release(id),
            Received::Unknown => return,
        };
        let session = self.store.session();
        let ended = match &message {
            Message::Session(signed_in) => self.store.has_ended(&signed_in.id),
            Message::SignedOut { id, .. } => self.store.has_ended(id),
            _ => false,
        };
        let view = self.view(&session, ended);
        self.carry_out(agreement::on_message(&view, message));
        self.claim_if_changed(&session).await;
    }

    /// Adopts the session that is in storage, if it is a newer one than that of this tab.
    pub(super) fn adopt_stored(&self, id: &str) {
        if let Some(stored) = self.store.stored().filter(|stored| stored.id == id) {
            let session = self.store.session();
            let view = self.view(&session, self.store.has_ended(id));
            self.carry_out(agreement::on_session(&view, Box::new(stored)));
        }
    }

    /// What the pure decision needs of this tab.
    fn view<'a>(&self, session: &'a Session, ended: bool) -> View<'a> {
        View {
            session,
            offset_seconds: self.context.offset_seconds(),
            ended,
        }
    }

    /// Acts on a decision, in its order.
    fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::RememberNote(note) => self.store.remember_note(note),
                Effect::AddNote(note) => self.store.add_note(&note),
                Effect::Adopt(mut signed_in) => {
                    self.store.with_notes(&mut signed_in);
                    self.store.begin(&signed_in);
                }
                Effect::SetIdentity { id, identity } => self.store.set_identity(&id, identity),
                Effect::Forget(reason) => self.store.forget(reason),
                Effect::NoteEnded(id) => self.store.note_ended(id),
                Effect::CorrectClock(offset) => self.context.correct_clock(offset),
                Effect::Active => {
                    self.idle.restart_unless_over();
                }
                Effect::Send(message) => self.context.broadcast(&message),
                Effect::Emit(event) => self.context.emit(event),
            }
        }
    }

    /// Sends the session to the other tabs.
    pub(super) fn broadcast_session(&self, signed_in: &SignedIn) {
        let signed_in = Box::new(signed_in.clone());
        self.context.broadcast(&Message::Session(signed_in));
    }

    /// Changes role and identity of the session `id`, in every tab.
    pub(super) fn set_identity(&self, id: &str, identity: Identity) {
        self.store.set_identity(id, identity.clone());
        self.context.broadcast(&Message::Identity {
            id: id.to_owned(),
            identity,
        });
    }

    /// Ends the session in every tab.
    pub(super) fn end(&self, reason: SignedOutReason) {
        if let Some(signed_in) = self.store.signed_in() {
            let idle = reason == SignedOutReason::Idle;
            let id = signed_in.id;
            self.store.forget(reason);
            self.context.broadcast(&Message::SignedOut { id, idle });
        }
    }

    /// Shows the other tabs which session this tab has, and which revision of it.
    pub(super) async fn claim(&self) {
        let name = claim_of(&self.store.session());
        self.context.ports.host.claim(name.as_deref()).await;
    }

    /// A claim costs two calls of the browser, and most messages change nothing.
    async fn claim_if_changed(&self, before: &Session) {
        if claim_of(before) != claim_of(&self.store.session()) {
            self.claim().await;
        }
    }

    /// How many tabs have the session, this one among them.
    pub(super) async fn count(&self) -> usize {
        let Some(signed_in) = self.store.signed_in() else {
            return 0;
        };
        let claims = self.context.ports.host.claims().await;
        let same = |claim: &&String| revision_of(claim, &signed_in.id).is_some();
        claims.iter().filter(same).count()
    }

    /// The highest revision of the session `id` that a tab claims to have; zero when no tab does.
    pub(super) async fn claimed_revision(&self, id: &str) -> u64 {
        let claims = self.context.ports.host.claims().await;
        let revisions = claims.iter().filter_map(|claim| revision_of(claim, id));
        revisions.max().unwrap_or_default()
    }

    /// Asks the other tabs for the session, if one of them claims to have any. Whether this tab has one then.
    pub(super) async fn request_session(&self) -> bool {
        if self.context.ports.host.claims().await.is_empty() {
            return false;
        }
        self.ask();
        self.restored().await;
        self.store.signed_in().is_some()
    }

    /// Asks the other tabs for the session without waiting for the answer.
    pub(super) fn ask(&self) {
        self.context.broadcast(&Message::Ask);
    }

    /// Waits until it is known whether a user is signed in, but no longer than other tabs may take.
    pub(super) async fn restored(&self) {
        let mut waited = Duration::ZERO;
        while waited < PATIENCE && matches!(self.store.session(), Session::Restoring(None)) {
            self.context.ports.host.pause(POLL).await;
            waited += POLL;
        }
    }
}

/// The name by which a tab claims its session.
fn claim_of(session: &Session) -> Option<String> {
    let signed_in = session.signed_in()?;
    Some([&signed_in.id, ".", &signed_in.revision.to_string()].concat())
}

/// The revision in a claim of the session `id`; `None` for a claim of another session.
fn revision_of(claim: &str, id: &str) -> Option<u64> {
    let revision = claim.strip_prefix(id)?.strip_prefix('.')?;
    revision.parse().ok()
}

#[cfg(test)]
mod tests;
