//! A timer for values that change every second.

use std::time::Duration;

use leptos::prelude::*;

/// Notifies once a second, until the component that called it is gone.
pub(crate) fn every_second() -> Trigger {
    let tick = Trigger::new();
    let interval = set_interval_with_handle(move || tick.notify(), Duration::from_secs(1));
    if let Ok(interval) = interval {
        on_cleanup(move || interval.clear());
    }
    tick
}
