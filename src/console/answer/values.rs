//! Times as text.

use std::time::Duration;

/// A time in whole milliseconds.
pub(super) fn milliseconds(time: Duration) -> String {
    time.as_millis().to_string() + " ms"
}
