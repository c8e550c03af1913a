//! The time: this device's clock plus a correction that is learned from servers. Pure; the caller reads the device's
//! clock.
//!
//! Nothing else changes the correction. It is stored with the session and shared with other tabs, because they run on
//! the same device.

use std::cell::Cell;
use std::ops::RangeInclusive;

use crate::time::Timestamp;

/// A smaller difference is attributed to the time that a response takes, in seconds.
const NOTICEABLE_SECONDS: u64 = 30;

/// Where the `iat` of a new token may lie, in seconds from now, if the clock is right: the provider may backdate it by five
/// minutes, and a response takes some seconds.
const FRESH_TOKEN_SECONDS: RangeInclusive<i64> = -360..=30;

/// The largest correction that follows from anything but a `Date` header, in seconds: a day.
const MOST_SECONDS: u64 = 86_400;

/// The correction of this device's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    offset_seconds: Cell<i64>,
}

impl Clock {
    /// A clock with a correction that is known already.
    pub(super) fn with_offset(offset_seconds: i64) -> Self {
        Self {
            offset_seconds: Cell::new(offset_seconds),
        }
    }

    /// What has to be added to the device's clock, in seconds; zero when it is right.
    pub(super) fn offset_seconds(&self) -> i64 {
        self.offset_seconds.get()
    }

    /// The time when the device's clock shows `device`.
    pub(super) fn at(&self, device: Timestamp) -> Timestamp {
        device.shifted(self.offset_seconds.get())
    }

    /// The offset that follows from the time at a server, if it differs noticeably from the one in use.
    /// A clock that is right within [`NOTICEABLE_SECONDS`] gets the offset zero.
    pub(super) fn correction(&self, device: Timestamp, server: Timestamp) -> Option<i64> {
        let measured = server.seconds_from(device);
        if measured.abs_diff(self.offset_seconds.get()) <= NOTICEABLE_SECONDS {
            return None;
        }
        let right = measured.unsigned_abs() <= NOTICEABLE_SECONDS;
        Some(if right { 0 } else { measured })
    }

    /// The same from the time that a gateway writes into a refusal. A difference of more than a day is not believed.
    pub(super) fn correction_from_refusal(
        &self,
        device: Timestamp,
        server: Timestamp,
    ) -> Option<i64> {
        let offset = self.correction(device, server)?;
        (offset.unsigned_abs() <= MOST_SECONDS).then_some(offset)
    }

    /// The same from the `iat` of a token that has just been issued. That claim is no clock: some providers write a time
    /// some minutes before the issue (Microsoft Entra ID: five). So a token that looks a little old says nothing; one from
    /// the future, or an old one, says that the device's clock is wrong; and a difference of more than a day is not believed.
    pub(super) fn correction_from_token(&self, device: Timestamp, iat: Timestamp) -> Option<i64> {
        let measured = iat.seconds_from(device);
        let fits = |offset: i64| FRESH_TOKEN_SECONDS.contains(&measured.saturating_sub(offset));
        if fits(self.offset_seconds.get()) {
            None
        } else if fits(0) {
            Some(0)
        } else {
            (measured.unsigned_abs() <= MOST_SECONDS).then_some(measured)
        }
    }

    /// Uses another offset from now on. Whether it is another one.
    pub(super) fn set(&self, offset_seconds: i64) -> bool {
        self.offset_seconds.replace(offset_seconds) != offset_seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_are_no_correction_and_large_ones_are_taken_whole() {
        let clock = Clock::default();
        let device = Timestamp(10_000);
        for (server, expected) in [
            (10_000, None),
            (10_030, None),
            (9_970, None),
            (10_031, Some(31)),
            (9_000, Some(-1_000)),
        ] {
            assert_eq!(clock.correction(device, Timestamp(server)), expected);
        }
    }

    #[test]
    fn a_device_clock_that_was_set_right_needs_no_correction_any_more() {
        let clock = Clock::with_offset(-1_000);
        assert_eq!(clock.at(Timestamp(5_000)), Timestamp(4_000));
        let correction = clock.correction(Timestamp(5_000), Timestamp(5_010));
        assert_eq!(correction, Some(0), "a response takes some seconds");
        assert!(clock.set(0));
        assert!(!clock.set(0));
        assert_eq!(clock.at(Timestamp(5_000)), Timestamp(5_000));
    }

    #[test]
    fn the_time_of_a_refusal_is_believed_within_a_day() {
        let clock = Clock::default();
        let device = Timestamp(1_000_000);
        for (seconds, expected) in [
            (86_400, Some(86_400)),
            (-86_400, Some(-86_400)),
            (86_401, None),
            (-86_401, None),
            (30, None),
        ] {
            let server = device.shifted(seconds);
            assert_eq!(clock.correction_from_refusal(device, server), expected);
        }
    }

    #[test]
    fn a_token_that_is_a_little_old_changes_no_clock() {
        let device = Timestamp(1_000_000);
        for (offset, iat, expected) in [
            (0, 0, None),
            (0, -300, None),
            (0, -360, None),
            (0, 30, None),
            (0, -361, Some(-361)),
            (0, 31, Some(31)),
            (0, 86_401, None),
            (0, -86_401, None),
            // The clock is corrected, and the provider backdates.
            (-1_000, -1_300, None),
            // The device was set right.
            (-1_000, 0, Some(0)),
            (-1_000, -300, Some(0)),
            (3_600, 0, Some(0)),
        ] {
            let clock = Clock::with_offset(offset);
            let found = clock.correction_from_token(device, device.shifted(iat));
            assert_eq!(found, expected, "{offset} {iat}");
        }
    }
}
