//! The time: this device's clock plus a correction that is learned from servers. Pure; the caller reads the device's
//! clock.

use std::cell::Cell;

use crate::time::Timestamp;

/// A smaller difference is attributed to the time that a response takes, in seconds.
const NOTICEABLE_SECONDS: u64 = 30;

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
    pub(super) fn correction(&self, device: Timestamp, server: Timestamp) -> Option<i64> {
        let measured = server.seconds_from(device);
        if measured.abs_diff(self.offset_seconds.get()) <= NOTICEABLE_SECONDS {
            return None;
        }
        let right = measured.unsigned_abs() <= NOTICEABLE_SECONDS;
        Some(if right { 0 } else { measured })
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
}
