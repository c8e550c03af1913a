//! Refresh tokens that were sent and whose answer is not known yet. Where the provider replaces refresh tokens, one that
//! may have been used must not be sent again (RFC 9700, section 4.14.2). Pure.

use super::state::SignedIn;
use crate::time::Timestamp;

/// How many notes are remembered.
const LIMIT: usize = 16;

/// That the refresh token of a revision was sent, or, without a time, that this request did not use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The id of the session.
    pub(super) id: String,
    /// The revision of its tokens.
    pub(super) revision: u64,
    /// Identifies the request: withdrawing one note leaves those of other requests in place.
    pub(super) tag: u64,
    /// When it was sent, by this device's clock.
    pub(super) at: Option<Timestamp>,
}

impl Note {
    /// The note that a session carries.
    pub(super) fn of(signed_in: &SignedIn) -> Option<Self> {
        signed_in.renewal_sent.map(|at| Self {
            id: signed_in.id.clone(),
            revision: signed_in.revision,
            tag: signed_in.renewal_tag,
            at: Some(at),
        })
    }
}

/// The notes that this tab has made or received.
/// The last [`LIMIT`] ones.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// Remembers a note or its withdrawal, also for a session that this tab does not have yet.
    pub(super) fn remember(&mut self, note: Note) {
        self.0.retain(|old| {
            old.tag != note.tag || old.revision != note.revision || old.id != note.id
        });
        if note.at.is_some() {
            self.0.push(note);
        }
        let from = self.0.len().saturating_sub(LIMIT);
        self.0.drain(..from);
    }

    /// Writes into a session what is noted about it. Within a grace period, the first request counts.
    pub(super) fn apply(&self, signed_in: &mut SignedIn) {
        let of_it = self
            .0
            .iter()
            .filter(|note| note.id == signed_in.id && note.revision == signed_in.revision);
        let first = of_it.min_by_key(|note| note.at);
        signed_in.renewal_sent = first.and_then(|note| note.at);
        signed_in.renewal_tag = first.map_or(0, |note| note.tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::values::signed_in;

    fn note(tag: u64, at: Option<u64>) -> Note {
        Note {
            id: "session-1".to_owned(),
            revision: 1,
            tag,
            at: at.map(Timestamp),
        }
    }

    #[test]
    fn the_first_request_counts_and_a_withdrawal_leaves_the_others() {
        let mut notes = Notes::default();
        let mut session = signed_in("session-1", 1);
        for (change, expected) in [
            (note(1, Some(50)), Some((50, 1))),
            (note(2, Some(40)), Some((40, 2))),
            (note(2, None), Some((50, 1))),
            (note(3, None), Some((50, 1))),
            (note(1, None), None),
        ] {
            notes.remember(change);
            notes.apply(&mut session);
            let sent = session.renewal_sent.map(|at| (at.0, session.renewal_tag));
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn other_revisions_and_sessions_are_not_affected_and_old_notes_are_dropped() {
        let mut notes = Notes::default();
        notes.remember(note(1, Some(50)));
        for (id, revision) in [("session-1", 2), ("session-2", 1)] {
            let mut other = signed_in(id, revision);
            notes.apply(&mut other);
            assert_eq!(other.renewal_sent, None);
        }
        for tag in 2..100 {
            notes.remember(note(tag, Some(100 + tag)));
        }
        assert_eq!(notes.0.len(), LIMIT);
    }
}
