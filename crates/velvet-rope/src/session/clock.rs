//! The time: this device's clock, corrected by what servers say of theirs. It is learnt from the first answer
//! that tells, so that a wrong clock is found out before anything is signed, and shared with the other tabs.

use super::Client;
use super::event::EventKind;
use super::keys;
use super::tabs::Message;
use crate::host::Host;
use crate::http::{HttpResponse, Transport};
use crate::store::Store;
use crate::time::Timestamp;

/// Differences up to this are taken for the time that an answer takes, in seconds.
const NOTICEABLE_SECONDS: u64 = 30;

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// The time, as far as it is known.
    pub fn now(&self) -> Timestamp {
        self.host.now().shifted(self.offset_seconds.get())
    }

    /// What has to be added to this device's clock, in seconds; zero when it is right.
    pub fn offset_seconds(&self) -> i64 {
        self.offset_seconds.get()
    }

    /// Takes up what the last page load knew.
    pub(super) fn remember_clock(&self) {
        let kept = self.sessions.get(keys::CLOCK).ok().flatten();
        let offset = kept.and_then(|text| text.parse().ok());
        self.offset_seconds.set(offset.unwrap_or_default());
    }

    /// Learns from the time at a server. Whether the clock had to be corrected.
    pub(super) fn learn_time(&self, server: Timestamp) -> bool {
        let measured = server.seconds_from(self.host.now());
        let known = self.offset_seconds.get();
        if measured.abs_diff(known) <= NOTICEABLE_SECONDS {
            return false;
        }
        let right = measured.unsigned_abs() <= NOTICEABLE_SECONDS;
        let offset = if right { 0 } else { measured };
        self.correct_clock(offset);
        self.broadcast(&Message::Clock(offset));
        true
    }

    /// Learns from the `Date` of an answer, where the page may read it. Whether it could.
    pub(super) fn learn_from(&self, response: &HttpResponse) -> bool {
        let date = response.header("date").and_then(Timestamp::from_http_date);
        date.map(|date| self.learn_time(date)).is_some()
    }

    pub(super) fn correct_clock(&self, offset_seconds: i64) {
        if self.offset_seconds.replace(offset_seconds) != offset_seconds {
            let _ = self.sessions.set(keys::CLOCK, &offset_seconds.to_string());
            self.emit(EventKind::ClockCorrected { offset_seconds });
        }
    }
}
