//! How long a user name rests after wrong passwords.
//!
//! Each attempt is counted before its password is looked at, so that many at once count as many. The rest grows,
//! because a fixed one would let a patient guesser through, and it ends, because a name that stays locked could
//! be locked by anybody. Names that nobody has are counted alike.

use crate::{tables::Attempts, time::Timestamp};

/// Wrong passwords in a row that cost nothing: people mistype.
const FREE: u32 = 5;

/// The rest after the first one that does.
const FIRST_REST_SECONDS: u64 = 30;

/// The longest rest.
const LONGEST_REST_SECONDS: u64 = 15 * 60;

/// How long after the last attempt all of them are forgotten.
pub(crate) const FORGOTTEN_AFTER_SECONDS: u64 = 24 * 60 * 60;

/// Whether another attempt may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may, and this is what is counted.
    Try(Attempts),
    /// Not for so many seconds.
    Rest(u64),
}

/// Judges another attempt after those `before`.
pub(crate) fn judge(before: Option<Attempts>, now: Timestamp) -> Verdict {
    // A table deletes what has expired when it comes to it.
    let before = before.filter(|attempts| attempts.forgotten > now);
    if let Some(rest) = before.map(|attempts| now.seconds_until(attempts.rests_until))
        && rest > 0
    {
        return Verdict::Rest(rest);
    }
    let count = before
        .map_or(0, |attempts| attempts.count)
        .saturating_add(1);
    Verdict::Try(Attempts {
        count,
        rests_until: now.plus_seconds(rest_seconds(count)),
        forgotten: now.plus_seconds(FORGOTTEN_AFTER_SECONDS),
    })
}

/// The rest after `count` wrong passwords in a row.
fn rest_seconds(count: u32) -> u64 {
    match count.checked_sub(FREE) {
        None => 0,
        Some(beyond) => {
            let doubled = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX);
            FIRST_REST_SECONDS
                .saturating_mul(doubled)
                .min(LONGEST_REST_SECONDS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    #[test]
    fn the_first_are_free_and_then_the_rest_doubles_up_to_its_longest() {
        let rests: Vec<u64> = (1..=12).map(rest_seconds).collect();
        assert_eq!(rests, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(rest_seconds(u32::MAX), 900);
    }

    #[test]
    fn attempts_are_counted_until_a_rest_and_go_on_after_it() {
        let mut before = None;
        for count in 1..=5 {
            let Verdict::Try(attempts) = judge(before, NOW) else {
                panic!("rests before attempt {count}");
            };
            assert_eq!(attempts.count, count);
            before = Some(attempts);
        }
        assert_eq!(judge(before, NOW), Verdict::Rest(30));
        assert_eq!(judge(before, NOW.plus_seconds(29)), Verdict::Rest(1));
        let Verdict::Try(sixth) = judge(before, NOW.plus_seconds(30)) else {
            panic!("still rests");
        };
        assert_eq!((sixth.count, sixth.rests_until), (6, NOW.plus_seconds(90)));
    }

    #[test]
    fn after_a_day_without_attempts_all_is_forgotten() {
        let old = Attempts {
            count: 9,
            rests_until: NOW,
            forgotten: NOW,
        };
        assert!(matches!(
            judge(Some(old), NOW),
            Verdict::Try(Attempts { count: 1, .. })
        ));
    }
}
