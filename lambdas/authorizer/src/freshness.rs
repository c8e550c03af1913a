//! When keys are believed and when they are asked for again: pure, so that every case can be told in a table.

use std::sync::Arc;

use crate::{
    key::{Key, KeySet},
    reason::Reason,
    time::Timestamp,
};

/// How long keys are taken as they are. Issuers announce new keys well before they sign with them.
pub(crate) const FRESH_SECONDS: u64 = 60 * 60;
/// How long keys are still taken when no newer ones can be had.
pub(crate) const STALE_SECONDS: u64 = 24 * 60 * 60;
/// How often an issuer is asked at most, whatever tokens say and however it answers.
pub(crate) const PAUSE_SECONDS: u64 = 60;
/// The same while there are no keys at all, and nothing can be decided without them.
pub(crate) const PAUSE_WITHOUT_KEYS_SECONDS: u64 = 5;

/// What is known of the keys of one issuer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    keys: KeySet,
    /// When these keys were read.
    read_at: Option<Timestamp>,
    /// When the issuer was last asked.
    asked_at: Option<Timestamp>,
}

/// What to do about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Take this one.
    Take(Arc<Key>),
    /// Ask the issuer first.
    Ask,
    /// There is no such key, or nobody can tell.
    Refuse(Reason),
}

impl Known {
    /// What to do when a token names the key `id`.
    pub(crate) fn step(&self, id: &str, now: Timestamp) -> Step {
        let age = self.read_at.map(|at| now.seconds_since(at));
        let key = self.keys.get(id);
        match (key, age) {
            (Some(key), Some(age)) if age < FRESH_SECONDS => Step::Take(Arc::clone(key)),
            _ if !self.has_just_asked(now) => Step::Ask,
            (Some(key), Some(age)) if age < STALE_SECONDS => Step::Take(Arc::clone(key)),
            // The last answer was the issuer's whole set, and the key was not in it.
            (None, Some(_)) if self.read_at == self.asked_at => Step::Refuse(Reason::KeyId),
            _ => Step::Refuse(Reason::KeysUnavailable),
        }
    }

    /// Whether there is nothing yet and the issuer may be asked.
    pub(crate) fn lacks_keys(&self, now: Timestamp) -> bool {
        self.keys.is_empty() && !self.has_just_asked(now)
    }

    /// Notes that the issuer was asked, with its keys if it gave any.
    pub(crate) fn note(&mut self, keys: Option<KeySet>, now: Timestamp) {
        self.asked_at = Some(now);
        if let Some(keys) = keys {
            self.keys = keys;
            self.read_at = Some(now);
        }
    }

    fn has_just_asked(&self, now: Timestamp) -> bool {
        let pause = if self.keys.is_empty() {
            PAUSE_WITHOUT_KEYS_SECONDS
        } else {
            PAUSE_SECONDS
        };
        self.asked_at
            .is_some_and(|at| now.seconds_since(at) < pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn set(id: &str) -> KeySet {
        let key = Key::P256 {
            point: id.as_bytes().to_vec(),
        };
        [(id.to_owned(), Arc::new(key))].into()
    }

    fn read(id: &str) -> Known {
        let mut known = Known::default();
        known.note(Some(set(id)), NOW);
        known
    }

    fn takes(step: &Step) -> bool {
        matches!(step, Step::Take(_))
    }

    #[test]
    fn at_first_the_issuer_is_asked_and_soon_again_if_that_failed() {
        let mut known = Known::default();
        assert_eq!(known.step("one", NOW), Step::Ask);
        known.note(None, NOW);
        let unavailable = Step::Refuse(Reason::KeysUnavailable);
        assert_eq!(known.step("one", NOW.plus_seconds(4)), unavailable);
        assert_eq!(known.step("one", NOW.plus_seconds(5)), Step::Ask);
    }

    #[test]
    fn a_fresh_key_is_taken_without_asking() {
        let known = read("one");
        assert!(takes(
            &known.step("one", NOW.plus_seconds(FRESH_SECONDS - 1))
        ));
        assert_eq!(
            known.step("one", NOW.plus_seconds(FRESH_SECONDS)),
            Step::Ask
        );
    }

    #[test]
    fn an_unknown_key_makes_ask_at_most_once_a_minute() {
        let known = read("one");
        let unknown = Step::Refuse(Reason::KeyId);
        assert_eq!(known.step("two", NOW), unknown);
        assert_eq!(known.step("two", NOW.plus_seconds(59)), unknown);
        assert_eq!(known.step("two", NOW.plus_seconds(60)), Step::Ask);
    }

    #[test]
    fn while_the_issuer_fails_stale_keys_are_taken_for_a_day() {
        for (age, taken) in [
            (FRESH_SECONDS, true),
            (STALE_SECONDS - 1, true),
            (STALE_SECONDS, false),
        ] {
            let mut known = read("one");
            let later = NOW.plus_seconds(age);
            known.note(None, later);
            assert_eq!(takes(&known.step("one", later)), taken, "{age}");
        }
    }

    #[test]
    fn an_unknown_key_is_not_judged_while_the_issuer_fails() {
        let mut known = read("one");
        let later = NOW.plus_seconds(PAUSE_SECONDS);
        known.note(None, later);
        assert_eq!(
            known.step("two", later),
            Step::Refuse(Reason::KeysUnavailable)
        );
        assert!(takes(&known.step("one", later)));
    }

    #[test]
    fn a_key_that_the_issuer_took_back_is_gone() {
        let mut known = read("one");
        let later = NOW.plus_seconds(FRESH_SECONDS);
        known.note(Some(set("two")), later);
        assert_eq!(known.step("one", later), Step::Refuse(Reason::KeyId));
        assert!(takes(&known.step("two", later)));
    }

    #[test]
    fn a_clock_that_goes_back_does_no_harm() {
        let known = read("one");
        let earlier = Timestamp(NOW.0 - 1000);
        assert!(takes(&known.step("one", earlier)));
        assert_eq!(known.step("two", earlier), Step::Refuse(Reason::KeyId));
    }
}
