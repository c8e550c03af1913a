//! What is known of the keys of one issuer, and when the issuer is asked again. No I/O: every case is a table test.

use time::{SignedDuration, Timestamp};

use crate::{
    jwks::KeySet,
    reason::Reason,
    token::{Claims, UnverifiedToken},
};

/// How long keys are used without asking again. Issuers announce new keys well before they sign with them.
pub(crate) const FRESH: SignedDuration = SignedDuration::HOUR;
/// How long keys are still used while no newer ones can be read.
pub(crate) const STALE: SignedDuration = SignedDuration::DAY;
/// The pause after a request that failed.
pub(crate) const PAUSE: SignedDuration = SignedDuration::MINUTE;
/// The same while there are no keys at all, because no token can be checked without them.
pub(crate) const PAUSE_WITHOUT_KEYS: SignedDuration = SignedDuration::seconds(5);
/// How often the keys are read because fresh keys do not fit a token: once per [`PAUSE`] in the long run, and this
/// often at once. One token with a made-up key id then cannot hide a rotation that follows.
pub(crate) const BURST: i32 = 3;

/// The keys of one issuer, with what is remembered of reading them.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownKeys {
    keys: KeySet,
    /// When these keys were read.
    read_at: Option<Timestamp>,
    /// When the issuer was last asked.
    asked_at: Option<Timestamp>,
    /// How often the issuer was asked.
    requests: u64,
    /// The time up to which the rate of requests is used up (the generic cell rate algorithm).
    used_until: Option<Timestamp>,
}

/// What the known keys say about a token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// This is certain, or the issuer may not be asked now.
    Settled(Result<Box<Claims>, Reason>),
    /// The issuer must be asked first.
    Ask(Doubt),
}

/// Why the known keys are not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// There are none, or they are too old.
    Age,
    /// They are fresh, but none of them fits the token.
    Fit,
}

impl KnownKeys {
    /// Checks the signature of `token`, or says that the issuer must be asked first.
    pub(crate) fn check(&self, token: &UnverifiedToken<'_>, now: Timestamp) -> Outcome {
        let checked = verify(&self.keys, token);
        let is_fresh = self.age(now).is_some_and(|age| age < FRESH);
        match (&checked, is_fresh) {
            (Ok(_) | Err(Reason::Format), true) => Outcome::Settled(checked),
            (_, true) if self.may_ask(Doubt::Fit, now) => Outcome::Ask(Doubt::Fit),
            (_, false) if self.may_ask(Doubt::Age, now) => Outcome::Ask(Doubt::Age),
            _ => Outcome::Settled(self.settle(checked, now)),
        }
    }

    /// Checks the signature of `token` with what is known, without another request.
    pub(crate) fn check_now(
        &self,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Result<Box<Claims>, Reason> {
        self.settle(verify(&self.keys, token), now)
    }

    /// Whether there are no keys yet and the issuer may be asked.
    pub(crate) fn lacks_keys(&self, now: Timestamp) -> bool {
        self.keys.is_empty() && self.may_ask(Doubt::Age, now)
    }

    /// How often the issuer was asked so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Notes that the issuer was asked, with its keys if it gave any.
    pub(crate) fn note(&mut self, keys: Option<KeySet>, now: Timestamp) {
        self.asked_at = Some(now);
        self.requests = self.requests.saturating_add(1);
        let from = self.used_until.filter(|until| *until > now).unwrap_or(now);
        self.used_until = Some(from.saturating_add(PAUSE));
        if let Some(keys) = keys {
            self.keys = keys;
            self.read_at = Some(now);
        }
    }

    fn settle(
        &self,
        checked: Result<Box<Claims>, Reason>,
        now: Timestamp,
    ) -> Result<Box<Claims>, Reason> {
        let Some(age) = self.age(now).filter(|age| *age < STALE) else {
            return Err(Reason::KeysUnavailable);
        };
        match checked {
            // Only a whole set that was read just now proves that the issuer has no such key.
            Err(Reason::KeyId) if self.last_request_failed() || age >= FRESH => {
                Err(Reason::KeysUnavailable)
            }
            checked => checked,
        }
    }

    fn may_ask(&self, doubt: Doubt, now: Timestamp) -> bool {
        let pause = if self.keys.is_empty() {
            PAUSE_WITHOUT_KEYS
        } else {
            PAUSE
        };
        if self.last_request_failed() && self.asked_at.is_some_and(|at| elapsed(at, now) < pause) {
            return false;
        }
        let burst = PAUSE.saturating_mul(BURST - 1);
        match doubt {
            Doubt::Age => true,
            Doubt::Fit => self
                .used_until
                .is_none_or(|until| until <= now.saturating_add(burst)),
        }
    }

    fn last_request_failed(&self) -> bool {
        self.asked_at != self.read_at
    }

    fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.read_at.map(|at| elapsed(at, now))
    }
}

/// Checks the signature of `token` with each key of its id and algorithm.
fn verify(keys: &KeySet, token: &UnverifiedToken<'_>) -> Result<Box<Claims>, Reason> {
    let mut failure = Reason::KeyId;
    for key in keys.named(token.key_id()) {
        match token.verify(&key) {
            Ok(claims) => return Ok(claims),
            // A key of another algorithm says less than a key that was tried.
            Err(Reason::Algorithm) if failure != Reason::KeyId => {}
            Err(reason) => failure = reason,
        }
    }
    Err(failure)
}

/// The time since `earlier`; zero when the clock went back.
fn elapsed(earlier: Timestamp, now: Timestamp) -> SignedDuration {
    (now - earlier).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jwks::tests::p256;

    /// A token whose signature fits no key of the tests.
    fn token(id: &str) -> String {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
        let header = json!({ "alg": "ES256", "kid": id }).to_string();
        let claims = json!({ "iss": "https://issuer.example" }).to_string();
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.AAAA", part(&header), part(&claims))
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_700_000_000).unwrap()
    }

    fn later(duration: SignedDuration) -> Timestamp {
        now() + duration
    }

    fn set(id: &str) -> KeySet {
        KeySet::read(&json!({ "keys": [p256(id)] }))
    }

    fn known(id: &str) -> KnownKeys {
        let mut known = KnownKeys::default();
        known.note(Some(set(id)), now());
        known
    }

    fn check(known: &KnownKeys, id: &str, at: Timestamp) -> Outcome {
        crate::crypto::install();
        known.check(&UnverifiedToken::parse(&token(id)).unwrap(), at)
    }

    fn refused(reason: Reason) -> Outcome {
        Outcome::Settled(Err(reason))
    }

    const SECOND: SignedDuration = SignedDuration::SECOND;

    #[test]
    fn without_keys_the_issuer_is_asked_and_again_five_seconds_after_a_failure() {
        let mut known = KnownKeys::default();
        assert_eq!(check(&known, "one", now()), Outcome::Ask(Doubt::Age));
        known.note(None, now());
        let unavailable = refused(Reason::KeysUnavailable);
        assert_eq!(check(&known, "one", later(SECOND * 4)), unavailable);
        assert_eq!(
            check(&known, "one", later(SECOND * 5)),
            Outcome::Ask(Doubt::Age)
        );
    }

    #[test]
    fn keys_are_read_again_after_an_hour() {
        let known = known("one");
        assert_eq!(
            check(&known, "one", later(FRESH - SECOND)),
            Outcome::Ask(Doubt::Fit)
        );
        assert_eq!(check(&known, "one", later(FRESH)), Outcome::Ask(Doubt::Age));
    }

    #[test]
    fn keys_that_do_not_fit_are_read_again_three_times_at_once_and_then_once_a_minute() {
        for id in ["one", "two"] {
            let mut known = known("one");
            let mut asked = Vec::new();
            for second in 0..180 {
                let at = later(SECOND * second);
                if check(&known, id, at) == Outcome::Ask(Doubt::Fit) {
                    asked.push(second);
                    known.note(Some(set("one")), at);
                }
            }
            assert_eq!(asked, [0, 1, 60, 120], "{id}");
        }
    }

    #[test]
    fn a_made_up_key_id_does_not_hide_a_rotation() {
        let mut known = known("one");
        let at = later(SECOND * 30);
        assert_eq!(check(&known, "made-up", at), Outcome::Ask(Doubt::Fit));
        known.note(Some(set("one")), at);
        assert_eq!(check(&known, "two", at), Outcome::Ask(Doubt::Fit));
        known.note(Some(set("two")), at);
        assert_eq!(
            known.check_now(&UnverifiedToken::parse(&token("two")).unwrap(), at),
            Err(Reason::Signature)
        );
    }

    #[test]
    fn a_signature_that_fits_no_key_is_refused_as_such_also_while_the_issuer_fails() {
        let mut known = known("one");
        known.note(None, later(SECOND));
        assert_eq!(
            check(&known, "one", later(SECOND * 2)),
            refused(Reason::Signature)
        );
        assert_eq!(
            check(&known, "two", later(SECOND * 2)),
            refused(Reason::KeysUnavailable)
        );
    }

    #[test]
    fn while_the_issuer_fails_old_keys_are_used_for_a_day() {
        for (age, expected) in [
            (FRESH, Reason::Signature),
            (STALE - SECOND, Reason::Signature),
            (STALE, Reason::KeysUnavailable),
        ] {
            let mut known = known("one");
            known.note(None, later(age));
            assert_eq!(check(&known, "one", later(age)), refused(expected), "{age}");
        }
    }

    #[test]
    fn a_key_that_the_issuer_took_back_is_gone() {
        let mut known = known("one");
        known.note(Some(set("two")), later(FRESH));
        let one = token("one");
        let one = UnverifiedToken::parse(&one).unwrap();
        assert_eq!(known.check_now(&one, later(FRESH)), Err(Reason::KeyId));
    }

    #[test]
    fn a_clock_that_goes_back_makes_keys_neither_old_nor_unusable() {
        let known = known("one");
        let earlier = now() - SECOND * 1000;
        let one = token("one");
        let one = UnverifiedToken::parse(&one).unwrap();
        crate::crypto::install();
        assert_eq!(known.check_now(&one, earlier), Err(Reason::Signature));
    }
}
