//! The agreement alone: a view and a message in, effects out.

use super::agreement::{Effect, View, on_message};
use super::*;
use crate::session::error::AuthError;
use crate::session::event::EventKind;
use crate::session::notes::Note;
use crate::session::state::Versioned;
use crate::session::testing::values::signed_in;
use crate::time::Timestamp;

fn shown(id: &str, revision: u64) -> Session {
    Session::SignedIn(Box::new(signed_in(id, revision)))
}

fn view(session: &Session) -> View<'_> {
    View {
        session,
        offset_seconds: 0,
        ended: false,
    }
}

fn sent(signed_in: SignedIn) -> Message {
    Message::Session(Box::new(signed_in))
}

fn answered(session: &Session) -> Vec<Effect> {
    let signed_in = session.signed_in().unwrap().clone();
    vec![Effect::Send(sent(signed_in))]
}

#[test]
fn a_tab_that_asks_gets_the_clock_first_and_then_the_session() {
    let session = shown("session-1", 1);
    let mut asked = view(&session);
    assert_eq!(on_message(&asked, Message::Ask), answered(&session));
    asked.offset_seconds = -300;
    let effects = on_message(&asked, Message::Ask);
    assert_eq!(effects[0], Effect::Send(Message::Clock(-300)));
    assert_eq!(effects[1..], answered(&session));
    let nothing = Session::SignedOut(SignedOutReason::NotSignedIn);
    assert_eq!(on_message(&view(&nothing), Message::Ask), []);
}

#[test]
fn a_tab_without_a_session_adopts_any() {
    let incoming = signed_in("session-1", 1);
    for session in [
        Session::Restoring(None),
        Session::SignedOut(SignedOutReason::SignedOut),
        Session::SignedOut(SignedOutReason::Failed(AuthError::SessionExpired)),
    ] {
        let effects = on_message(&view(&session), sent(incoming.clone()));
        let expected = [
            Effect::Adopt(Box::new(incoming.clone())),
            Effect::Emit(EventKind::SignedIn(incoming.user())),
        ];
        assert_eq!(effects, expected);
    }
    let effects = on_message(&view(&Session::SigningIn), sent(incoming));
    assert_eq!(effects, [], "a sign-in that has begun decides for itself");
}

#[test]
fn of_one_session_the_higher_revision_is_used_and_a_lower_one_is_answered() {
    let session = shown("session-1", 5);
    let newer = signed_in("session-1", 6);
    let effects = on_message(&view(&session), sent(newer.clone()));
    let renewed = Effect::Emit(EventKind::TokenRenewed {
        here: false,
        expires: newer.expires,
    });
    assert_eq!(effects, [Effect::Adopt(Box::new(newer)), renewed]);
    let equal = on_message(&view(&session), sent(signed_in("session-1", 5)));
    assert_eq!(equal, []);
    let older = on_message(&view(&session), sent(signed_in("session-1", 4)));
    assert_eq!(older, answered(&session));
    let mut restoring = signed_in("session-1", 4);
    restoring.expires = Timestamp(0);
    let restoring = Session::Restoring(Some(Box::new(restoring)));
    let older = on_message(&view(&restoring), sent(signed_in("session-1", 3)));
    assert_eq!(older, [], "a tab that is restoring has nothing to send");
}

#[test]
fn of_two_sessions_the_later_sign_in_is_used_in_every_tab() {
    let mut later = signed_in("session-2", 1);
    later.since = later.since.shifted(60);
    let first = shown("session-1", 9);
    let effects = on_message(&view(&first), sent(later.clone()));
    let user = later.user();
    let expected = [
        Effect::Adopt(Box::new(later.clone())),
        Effect::Emit(EventKind::SignedIn(user)),
    ];
    assert_eq!(effects, expected);
    let second = Session::SignedIn(Box::new(later));
    let effects = on_message(&view(&second), sent(signed_in("session-1", 9)));
    assert_eq!(effects, answered(&second));
    // Two sign-ins in the same second: both tabs choose the same one.
    let (first, second) = (signed_in("session-a", 1), signed_in("session-b", 1));
    let here = Session::SignedIn(Box::new(first.clone()));
    let there = Session::SignedIn(Box::new(second.clone()));
    let adopts = |effects: &[Effect]| matches!(effects, [Effect::Adopt(_), ..]);
    assert!(adopts(&on_message(&view(&here), sent(second))));
    assert!(!adopts(&on_message(&view(&there), sent(first))));
}

#[test]
fn a_session_that_has_ended_is_answered_with_its_end() {
    let session = shown("session-2", 1);
    let mut ended = view(&session);
    ended.ended = true;
    let effects = on_message(&ended, sent(signed_in("session-1", 9)));
    let id = "session-1".to_owned();
    let expected = Effect::Send(Message::SignedOut { id, idle: false });
    assert_eq!(effects, [expected]);
}

#[test]
fn the_end_of_the_session_is_applied_and_that_of_another_one_remembered_once() {
    let session = shown("session-1", 1);
    let end = |id: &str, idle| Message::SignedOut {
        id: id.to_owned(),
        idle,
    };
    for (idle, reason) in [
        (true, SignedOutReason::Idle),
        (false, SignedOutReason::SignedOut),
    ] {
        let effects = on_message(&view(&session), end("session-1", idle));
        assert_eq!(effects, [Effect::Forget(reason)]);
    }
    let effects = on_message(&view(&session), end("session-2", false));
    assert_eq!(effects, [Effect::NoteEnded("session-2".to_owned())]);
    let mut ended = view(&session);
    ended.ended = true;
    assert_eq!(on_message(&ended, end("session-2", false)), []);
}

#[test]
fn the_note_of_a_session_is_remembered_also_where_the_session_is_not_adopted() {
    let session = shown("session-1", 1);
    let mut incoming = signed_in("session-1", 1);
    incoming.renewal_sent = Some(Timestamp(7));
    let note = Note::of(&incoming).unwrap();
    let effects = on_message(&view(&session), sent(incoming));
    assert_eq!(effects, [Effect::RememberNote(note)]);
}

#[test]
fn a_claim_names_the_session_and_its_revision() {
    let claim = claim_of(&shown("session-1", 12)).unwrap();
    assert_eq!(revision_of(&claim, "session-1"), Some(12));
    for (claim, id) in [
        (claim.as_str(), "session-2"),
        (claim.as_str(), "session"),
        ("session-1.x", "session-1"),
        ("session-1", "session-1"),
    ] {
        assert_eq!(revision_of(claim, id), None);
    }
    assert_eq!(claim_of(&Session::SigningIn), None);
}

#[test]
fn role_and_identity_are_merged_and_a_tab_that_missed_one_is_answered() {
    let versioned = |revision, value: Option<&str>| Versioned {
        revision,
        value: value.map(str::to_owned),
    };
    let mut here = signed_in("session-1", 5);
    here.identity.role = versioned(2, None);
    here.identity.id = versioned(1, Some("old"));
    let there = Identity {
        role: versioned(1, Some("editor")),
        id: versioned(2, Some("new")),
    };
    let id = || "session-1".to_owned();
    let merged = Identity {
        role: versioned(2, None),
        id: versioned(2, Some("new")),
    };
    let set = Effect::SetIdentity {
        id: id(),
        identity: merged.clone(),
    };
    let answer = Effect::Send(Message::Identity {
        id: id(),
        identity: merged.clone(),
    });
    let session = Session::SignedIn(Box::new(here.clone()));
    let message = Message::Identity {
        id: id(),
        identity: there.clone(),
    };
    let effects = on_message(&view(&session), message);
    assert_eq!(effects, [set.clone(), answer.clone()]);
    // The same where it comes with newer tokens, with older ones, and with the same.
    for revision in [4, 5, 6] {
        let mut incoming = signed_in("session-1", revision);
        incoming.identity = there.clone();
        let effects = on_message(&view(&session), sent(incoming));
        assert!(
            effects.contains(&set) && effects.contains(&answer),
            "{revision}"
        );
        let adopted = effects.iter().find_map(|effect| match effect {
            Effect::Adopt(adopted) => Some(adopted.identity.clone()),
            _ => None,
        });
        let expected = (revision == 6).then_some(here.identity.clone());
        assert_eq!(adopted, expected, "a role that was given up came back");
    }
    // What both tabs have needs no message.
    here.identity = merged.clone();
    let session = Session::SignedIn(Box::new(here));
    let message = Message::Identity {
        id: id(),
        identity: merged,
    };
    assert_eq!(on_message(&view(&session), message), []);
    let other = Message::Identity {
        id: "session-2".to_owned(),
        identity: there,
    };
    assert_eq!(on_message(&view(&session), other), []);
}
