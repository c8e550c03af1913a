//! What a tab does about a message of another tab: messages in, effects out. Pure.
//!
//! Two tabs that exchange their sessions end with the same one: of one session the higher revision is used, of two
//! sessions the later sign-in.

use crate::session::event::EventKind;
use crate::session::message::Message;
use crate::session::notes::Note;
use crate::session::state::Identity;
use crate::session::state::Session;
use crate::session::state::SignedIn;
use crate::session::state::SignedOutReason;
use crate::time::Timestamp;

/// What the decision depends on.
pub(in crate::session) struct View<'a> {
    /// The session of this tab.
    pub(in crate::session) session: &'a Session,
    /// What has to be added to the device's clock, in seconds.
    pub(in crate::session) offset_seconds: i64,
    /// Whether the session that the message names has ended.
    pub(in crate::session) ended: bool,
}

/// One thing to do, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::session) enum Effect {
    /// Remember a note that came with a session.
    RememberNote(Note),
    /// Remember a note and write it into the session.
    AddNote(Note),
    /// Adopt a session, with the notes about it.
    Adopt(Box<SignedIn>),
    /// Adopt role and identity of the session `id`.
    SetIdentity { id: String, identity: Identity },
    /// End the session.
    Forget(SignedOutReason),
    /// Remember that the session `id` has ended.
    NoteEnded(String),
    /// Use another offset of the clock.
    CorrectClock(i64),
    /// The user was active.
    Active,
    /// Send a message.
    Send(Message),
    /// Report an event.
    Emit(EventKind),
}

/// What follows from a message.
pub(in crate::session) fn on_message(view: &View<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::Ask => answer(view),
        Message::Session(signed_in) => on_session(view, signed_in),
        Message::SignedOut { id, idle } => match view.session.signed_in() {
            Some(current) if current.id == id => vec![Effect::Forget(if idle {
                SignedOutReason::Idle
            } else {
                SignedOutReason::SignedOut
            })],
            _ if view.ended => Vec::new(),
            _ => vec![Effect::NoteEnded(id)],
        },
        Message::Sending(note) => vec![Effect::AddNote(note)],
        Message::Identity { id, identity } => match view.session.signed_in() {
            Some(current) if current.id == id => on_identity(current, &identity),
            _ => Vec::new(),
        },
        Message::Clock(offset) => vec![Effect::CorrectClock(offset)],
        Message::Active => vec![Effect::Active],
    }
}

/// The answer to a tab that asks for the session.
fn answer(view: &View<'_>) -> Vec<Effect> {
    let Some(signed_in) = view.session.signed_in() else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    // Without it, the tab that asks might take valid tokens for expired ones.
    if view.offset_seconds != 0 {
        effects.push(Effect::Send(Message::Clock(view.offset_seconds)));
    }
    effects.push(Effect::Send(Message::Session(Box::new(signed_in.clone()))));
    effects
}

/// What follows from role and identity that another tab has for this session: the newer ones are used in both tabs.
fn on_identity(current: &SignedIn, incoming: &Identity) -> Vec<Effect> {
    let id = || current.id.clone();
    let merged = current.identity.merged(incoming);
    let adopted = (merged != current.identity).then(|| Effect::SetIdentity {
        id: id(),
        identity: merged.clone(),
    });
    let answer = (merged != *incoming).then(|| {
        Effect::Send(Message::Identity {
            id: id(),
            identity: merged.clone(),
        })
    });
    adopted.into_iter().chain(answer).collect()
}

/// What follows from a session that another tab or the storage has.
pub(in crate::session) fn on_session(view: &View<'_>, mut incoming: Box<SignedIn>) -> Vec<Effect> {
    if view.ended {
        // The other tab was away when that happened.
        let id = incoming.id;
        return vec![Effect::Send(Message::SignedOut { id, idle: false })];
    }
    let mut effects = Vec::new();
    effects.extend(Note::of(&incoming).map(Effect::RememberNote));
    let current = view.session.signed_in();
    let same = current.is_some_and(|current| current.id == incoming.id);
    let newer = match (view.session, current) {
        // A sign-in that has begun in this tab decides for itself.
        (Session::SigningIn, _) => false,
        (_, Some(current)) if same => incoming.revision > current.revision,
        (_, Some(current)) => order(&incoming) > order(current),
        (_, None) => true,
    };
    if !newer {
        if let Session::SignedIn(current) = view.session
            && (!same || incoming.revision < current.revision)
        {
            // The other tab was away: it has missed a later sign-in, or a renewal.
            effects.push(Effect::Send(Message::Session(current.clone())));
        }
        if let Some(current) = current.filter(|_| same) {
            effects.extend(on_identity(current, &incoming.identity));
        }
        return effects;
    }
    let mut identity = Vec::new();
    if let Some(current) = current.filter(|_| same) {
        let other = std::mem::replace(&mut incoming.identity, current.identity.clone());
        identity = on_identity(current, &other);
    }
    let event = if !same {
        Some(EventKind::SignedIn(incoming.user()))
    } else if view.session.has_token(&incoming.tokens.access_token) {
        None
    } else {
        Some(EventKind::TokenRenewed {
            here: false,
            expires: incoming.expires,
        })
    };
    effects.push(Effect::Adopt(incoming));
    effects.extend(event.map(Effect::Emit));
    effects.extend(identity);
    effects
}

/// Of two sessions the later one is used, and in every tab the same one.
fn order(signed_in: &SignedIn) -> (Timestamp, &str) {
    (signed_in.since, &signed_in.id)
}
