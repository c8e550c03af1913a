//! How long to wait after failed renewals. Pure.
//!
//! Exponential backoff with jitter. It is per tab and is not stored: a reload tries at once.

use std::cell::RefCell;
use std::time::Duration;

use crate::oauth::tokens::AccessToken;
use crate::session::state::SignedIn;
use crate::time::Timestamp;

/// The wait after the first failure; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The failures since tokens were last renewed.
#[derive(Debug, Default)]
pub(super) struct Backoff(RefCell<Option<Failed>>);

#[derive(Debug)]
struct Failed {
    /// The tokens that could not be renewed. Of any others nothing is known.
    access_token: AccessToken,
    count: u32,
    /// When to try again, by this device's clock.
    retry_at: Timestamp,
}

impl Backoff {
    /// Forgets the failures, because something has changed.
    pub(super) fn reset(&self) {
        self.0.take();
    }

    /// Whether it is time to try (again).
    pub(super) fn may_try(&self, signed_in: &SignedIn, device: Timestamp) -> bool {
        let failed = self.0.borrow();
        let same = failed.as_ref().filter(|failed| failed.is_of(signed_in));
        same.is_none_or(|failed| device >= failed.retry_at)
    }

    /// Counts a failure. When to try again, by this device's clock. `jitter` from 0 to 1 spreads the attempts of many
    /// browsers.
    pub(super) fn failed(&self, signed_in: &SignedIn, device: Timestamp, jitter: f64) -> Timestamp {
        let before = self.0.take().filter(|failed| failed.is_of(signed_in));
        let count = before.map_or(0, |failed| failed.count);
        let count = count.saturating_add(1).min(10);
        let wait = FIRST_WAIT * 2_u32.pow(count - 1);
        let wait = wait.min(LONGEST_WAIT).mul_f64(0.5 + jitter / 2.0);
        let retry_at = device.plus(wait.max(Duration::from_secs(1)));
        self.0.replace(Some(Failed {
            access_token: signed_in.tokens.access_token.clone(),
            count,
            retry_at,
        }));
        retry_at
    }
}

impl Failed {
    /// Another tab may have renewed meanwhile: then the failures do not count.
    fn is_of(&self, signed_in: &SignedIn) -> bool {
        self.access_token == signed_in.tokens.access_token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::values::signed_in;

    #[test]
    fn waits_double_up_to_five_minutes_and_begin_again_after_a_success() {
        let backoff = Backoff::default();
        let session = signed_in("session-1", 1);
        let device = Timestamp(1_000);
        let waits: Vec<u64> = (0..12)
            .map(|_| backoff.failed(&session, device, 1.0).0 - device.0)
            .collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
        assert!(!backoff.may_try(&session, Timestamp(1_299)));
        assert!(backoff.may_try(&session, Timestamp(1_300)));
        backoff.reset();
        assert!(backoff.may_try(&session, device));
        assert_eq!(backoff.failed(&session, device, 0.0), Timestamp(1_001));
    }

    #[test]
    fn other_tokens_are_tried_at_once() {
        let backoff = Backoff::default();
        let device = Timestamp(1_000);
        backoff.failed(&signed_in("session-1", 1), device, 1.0);
        for other in [signed_in("session-1", 2), signed_in("session-2", 1)] {
            assert!(backoff.may_try(&other, device));
        }
    }
}
