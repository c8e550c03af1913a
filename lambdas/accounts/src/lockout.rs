//! Delays after wrong passwords.
//!
//! Wrong passwords are counted for a name and an address together, so that an attacker cannot lock a user out from another
//! address. A second count for the name alone limits an attacker with many addresses (NIST SP 800-63B section 3.2.2: at
//! most 100 in a row). A device that signed in before has a count of its own and is not affected by the other two (OWASP,
//! "Slow down online guessing attacks with device cookies").
//!
//! An attempt is counted before its password is checked, so that parallel attempts all count. Names without an account are
//! counted alike.

use std::net::IpAddr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use time::{SignedDuration, Timestamp};

use crate::{credentials::AccountName, tables::Attempts};

/// The delay after the first wrong password that causes one. Each further one doubles it.
const FIRST_DELAY: SignedDuration = SignedDuration::seconds(30);

const LONGEST_DELAY: SignedDuration = SignedDuration::minutes(15);

/// What wrong passwords are counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counter {
    /// The key of its record: a digest, so that the table contains no names, addresses or device tokens.
    pub(crate) digest: String,
    limit: Limit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// Attempts from one address, or of one device.
    Narrow,
    /// Attempts from all addresses.
    Account,
}

/// Whether another attempt is allowed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is, and this is the record that counts it.
    Allowed(Attempts),
    /// Not before this time has passed.
    Locked(SignedDuration),
}

impl Counter {
    /// Attempts with a name from an address.
    pub(crate) fn of_address(name: &AccountName, address: &str) -> Self {
        Self::new(
            Limit::Narrow,
            &["address", name.as_str(), &network(address)],
        )
    }

    /// Attempts with a name from all addresses.
    pub(crate) fn of_account(name: &AccountName) -> Self {
        Self::new(Limit::Account, &["account", name.as_str()])
    }

    /// Attempts with a name on a device that signed in before.
    pub(crate) fn of_device(name: &AccountName, device_token: &str) -> Self {
        Self::new(Limit::Narrow, &["device", name.as_str(), device_token])
    }

    fn new(limit: Limit, parts: &[&str]) -> Self {
        // Names cannot contain a zero, so no two lists of parts have the same digest.
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(parts.join("\0")));
        Self { digest, limit }
    }

    /// Whether another attempt is allowed after those `before`.
    pub(crate) fn next(&self, before: Option<Attempts>, now: Timestamp) -> Verdict {
        // DynamoDB may delete an expired record days later.
        let before = before.filter(|attempts| attempts.expires > now);
        if let Some(attempts) = before
            && attempts.locked_until > now
        {
            return Verdict::Locked(attempts.locked_until - now);
        }
        let count = before
            .map_or(0, |attempts| attempts.count)
            .saturating_add(1);
        let kept = now.saturating_add(SignedDuration::DAY);
        Verdict::Allowed(Attempts {
            count,
            locked_until: now.saturating_add(self.delay(count)),
            // The record of a device is older than its attempts, and must not expire with them.
            expires: before.map_or(kept, |attempts| attempts.expires.max(kept)),
        })
    }

    /// The delay after `count` wrong passwords in a row.
    fn delay(&self, count: u32) -> SignedDuration {
        let first = match self.limit {
            Limit::Narrow => 5,
            Limit::Account => 100,
        };
        match count.checked_sub(first) {
            None => SignedDuration::ZERO,
            Some(beyond) => {
                let doubled = 1_i32.checked_shl(beyond.min(30)).unwrap_or(i32::MAX);
                FIRST_DELAY.saturating_mul(doubled).min(LONGEST_DELAY)
            }
        }
    }
}

/// The record of a device that signed in just now.
pub(crate) fn known_device(now: Timestamp) -> Attempts {
    Attempts {
        count: 0,
        // Long ago, so that another instance whose clock is behind does not delay the device.
        locked_until: Timestamp::UNIX_EPOCH,
        expires: now.saturating_add(SignedDuration::days(90)),
    }
}

/// The network that attempts are counted for: an IPv4 address, or the /64 of an IPv6 address, because one customer
/// usually has all addresses of a /64.
fn network(address: &str) -> String {
    match address
        .trim()
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_testing::{later, now};

    use super::*;

    fn name() -> AccountName {
        AccountName::read("alice").unwrap()
    }

    fn delays(counter: &Counter, counts: std::ops::RangeInclusive<u32>) -> Vec<i64> {
        let delays = counts.map(|count| counter.delay(count).whole_seconds());
        delays.collect()
    }

    #[test]
    fn the_first_attempts_have_no_delay_and_then_it_doubles_up_to_its_maximum() {
        let narrow = [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900];
        for counter in [
            Counter::of_address(&name(), "203.0.113.7"),
            Counter::of_device(&name(), "vrd_a"),
        ] {
            assert_eq!(delays(&counter, 1..=12), narrow);
            assert_eq!(delays(&counter, u32::MAX..=u32::MAX), [900]);
        }
        let account = Counter::of_account(&name());
        assert_eq!(delays(&account, 98..=102), [0, 0, 30, 60, 120]);
    }

    #[test]
    fn attempts_are_counted_up_to_a_delay_and_after_it() {
        let counter = Counter::of_address(&name(), "203.0.113.7");
        let mut before = None;
        for count in 1..=5 {
            let Verdict::Allowed(attempts) = counter.next(before, now()) else {
                panic!("locked before attempt {count}");
            };
            assert_eq!(attempts.count, count);
            before = Some(attempts);
        }
        let locked = |seconds| Verdict::Locked(SignedDuration::seconds(seconds));
        assert_eq!(counter.next(before, now()), locked(30));
        assert_eq!(counter.next(before, later(29)), locked(1));
        let Verdict::Allowed(sixth) = counter.next(before, later(30)) else {
            panic!("still locked");
        };
        assert_eq!((sixth.count, sixth.locked_until), (6, later(90)));
    }

    #[test]
    fn a_day_without_attempts_resets_the_count() {
        let expired = Attempts {
            count: 9,
            locked_until: later(60),
            expires: now(),
        };
        assert!(matches!(
            Counter::of_account(&name()).next(Some(expired), now()),
            Verdict::Allowed(Attempts { count: 1, .. })
        ));
    }

    #[test]
    fn attempts_do_not_shorten_the_life_of_a_device() {
        let device = known_device(now());
        let counter = Counter::of_device(&name(), "vrd_a");
        let Verdict::Allowed(attempts) = counter.next(Some(device), now()) else {
            panic!("a known device is locked");
        };
        assert_eq!((attempts.count, attempts.expires), (1, device.expires));
    }

    #[test]
    fn each_name_address_and_device_has_its_own_count() {
        let bob = AccountName::read("bob").unwrap();
        let counters = [
            Counter::of_account(&name()),
            Counter::of_account(&bob),
            Counter::of_address(&name(), "203.0.113.7"),
            Counter::of_address(&name(), "203.0.113.8"),
            Counter::of_address(&bob, "203.0.113.7"),
            Counter::of_device(&name(), "vrd_a"),
            Counter::of_device(&bob, "vrd_a"),
        ];
        let digests: std::collections::HashSet<_> =
            counters.iter().map(|counter| &counter.digest).collect();
        assert_eq!(digests.len(), counters.len());
    }

    #[test]
    fn addresses_of_one_network_have_one_count() {
        let digest = |address| Counter::of_address(&name(), address).digest;
        assert_eq!(digest("2001:db8:1:2::1"), digest("2001:db8:1:2:ffff::9"));
        assert_ne!(digest("2001:db8:1:2::1"), digest("2001:db8:1:3::1"));
        assert_eq!(digest("::ffff:203.0.113.7"), digest(" 203.0.113.7"));
        assert_ne!(digest("203.0.113.7"), digest("203.0.113.8"));
        assert_eq!(digest(""), digest("no address"));
    }
}
