//! A point in time. The library never reads a clock: whoever asks says what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// Whole seconds since 1970-01-01 UTC, as in `NumericDate` (RFC 7519 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Reads a `NumericDate`, which may have a fraction.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        value.as_u64().map(Self).or_else(|| {
            let seconds = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
            Some(Self(seconds.as_secs()))
        })
    }

    /// The seconds from `earlier` until here; 0 when it is later than this.
    pub(crate) fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_numeric_dates_with_and_without_a_fraction() {
        let date = Some(Timestamp(1_700_000_000));
        assert_eq!(Timestamp::read(&json!(1_700_000_000)), date);
        assert_eq!(Timestamp::read(&json!(1_700_000_000.9)), date);
    }

    #[test]
    fn reads_no_date_out_of_anything_else() {
        for value in [json!("1700000000"), json!(-1), json!(1e300), json!(null)] {
            assert_eq!(Timestamp::read(&value), None, "{value}");
        }
    }
}
