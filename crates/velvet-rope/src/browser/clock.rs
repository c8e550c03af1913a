//! This device's clock, and waiting by it.

use std::time::Duration;

use js_sys::Function;
use wasm_bindgen_futures::JsFuture;

use super::js;
use crate::time::Timestamp;

/// The time on this device, which may be wrong.
/// Milliseconds are dropped.
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
/// For durations, which a correction of the device's clock must not change. With a fraction.
pub(super) fn monotonic_milliseconds() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

/// Waits: at most 24 days, which is as far as the timers of browsers count.
///
/// It takes longer in a hidden tab (browsers fire its timers once a second or once a minute) and while the device
/// sleeps. Dropping the future removes the timer.
pub async fn pause(duration: Duration) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let (over, end) = js::deferred();
    let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    if let Ok(id) = window.set_timeout_with_callback_and_timeout_and_arguments_0(&end, milliseconds)
    {
        let _timer = Timer { id, end };
        let _ = JsFuture::from(over).await;
    }
}

/// A timer that a future waits for.
struct Timer {
    id: i32,
    end: Function,
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
        // What waits in JavaScript is freed only when its promise is settled.
        js::settle(&self.end);
    }
}
