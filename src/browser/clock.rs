//! This device's clock.

use crate::time::Timestamp;

/// The time on this device, which may be wrong.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the clock counts up from 1970"
)]
pub fn now() -> Timestamp {
    Timestamp((js_sys::Date::now() / 1_000.0) as u64)
}

/// Milliseconds since the page was opened; never runs backwards.
pub(super) fn monotonic_milliseconds() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}
