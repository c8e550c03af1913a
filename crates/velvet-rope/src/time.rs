//! Points in time as plain values. Nothing here reads a clock: `now` is always an argument.
//!
//! Clocks are read in one place, [`Host::now`](crate::host::Host::now). So every rule about time can be tested with a
//! number.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::Serialize;

/// A point in time: whole seconds since 1970-01-01T00:00:00 UTC, as in the JWT `NumericDate`
/// (RFC 7519, section 2).
///
/// Durations are `std::time::Duration`, so an instant and a length of time cannot be mixed up. All arithmetic stops at
/// the ends of the range: times come from servers and must not make the app panic.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use velvet_rope::Timestamp;
///
/// let now = Timestamp::from_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
/// let expires = now.plus(Duration::from_secs(3_600));
/// assert!(now < expires);
/// assert_eq!(expires.since(now), Duration::from_secs(3_600));
/// assert_eq!(now.since(expires), Duration::ZERO);
/// assert_eq!(now.seconds_from(expires), -3_600);
/// assert_eq!(now.to_string(), "784111777 s UTC");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// This time moved later by `duration`; it stops at the end of the range.
    /// Fractions of a second are dropped.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// How long ago `earlier` was, zero when it lies in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// This time moved by `seconds`, earlier when they are negative; it stops at the ends of the range.
    /// Used to apply the correction of the device's clock.
    #[must_use]
    pub fn shifted(self, seconds: i64) -> Self {
        Self(self.0.saturating_add_signed(seconds))
    }

    /// Seconds from `earlier` to this time, negative when it lies before.
    #[must_use]
    pub fn seconds_from(self, earlier: Self) -> i64 {
        let (self_is_later, distance) = (self >= earlier, self.0.abs_diff(earlier.0));
        let distance = i64::try_from(distance).unwrap_or(i64::MAX);
        if self_is_later { distance } else { -distance }
    }

    /// The same time for libraries that take the standard library's type.
    ///
    /// A time that the platform cannot represent becomes 1970.
    #[must_use]
    pub fn to_system_time(self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(self.0))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Reads the ISO 8601 basic form that AWS signs with, `20230601T135950Z`, always UTC.
    ///
    /// It is the form of `X-Amz-Date`. `None` for any other form and for times before 1970. A leap second (60) counts
    /// as the first second of the next minute. Source: AWS documentation, "Create a signed AWS API request".
    ///
    /// ```
    /// use velvet_rope::Timestamp;
    /// assert_eq!(Timestamp::from_iso8601_basic("20150830T123600Z"), Some(Timestamp(1_440_938_160)));
    /// assert_eq!(Timestamp::from_iso8601_basic("2015-08-30T12:36:00Z"), None);
    /// ```
    #[must_use]
    pub fn from_iso8601_basic(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let number = |from: usize, to: usize| -> Option<u64> {
            bytes[from..to].iter().try_fold(0_u64, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u64::from(byte - b'0'))
            })
        };
        let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
        let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
        let valid = year >= 1970
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        valid.then(|| {
            Self(days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
        })
    }
}

impl Timestamp {
    /// Writes the ISO 8601 basic form that AWS signs with, `20230601T135950Z`: the form of `X-Amz-Date`.
    ///
    /// A time after the year 9999 becomes the last second of that year.
    ///
    /// ```
    /// use velvet_rope::Timestamp;
    /// assert_eq!(Timestamp(1_440_938_160).to_iso8601_basic(), "20150830T123600Z");
    /// ```
    #[must_use]
    pub fn to_iso8601_basic(self) -> String {
        const LAST: u64 = 253_402_300_799;
        let seconds = self.0.min(LAST);
        let (year, month, day) = date_of_days(seconds / 86_400);
        let mut text = String::with_capacity(16);
        let mut push = |number: u64, digits: u32| {
            for place in (0..digits).rev() {
                let digit = number / 10_u64.pow(place) % 10;
                text.push(char::from_digit(u32::try_from(digit).unwrap_or(0), 10).unwrap_or('0'));
            }
        };
        push(year, 4);
        push(month, 2);
        push(day, 2);
        let time = seconds % 86_400;
        let [hour, minute, second] = [time / 3_600, time / 60 % 60, time % 60];
        push(hour * 10_000 + minute * 100 + second, 6);
        text.insert(8, 'T');
        text.push('Z');
        text
    }
}

/// What the month is called in a `Date` header.
const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

impl Timestamp {
    /// Reads the form that servers write into `Date`, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    ///
    /// The name of the day is not checked. The two obsolete forms of RFC 9110 return `None`: servers must not send
    /// them.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        let [_, day, month, year, time, "GMT"] = text.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let month = MONTHS
            .find(month)
            .filter(|at| at % 3 == 0 && month.len() == 3)?
            / 3
            + 1;
        let month = [
            b'0' + u8::from(month > 9),
            b'0' + u8::try_from(month % 10).ok()?,
        ];
        let month = std::str::from_utf8(&month).ok()?;
        let time = time.replace(':', "");
        Self::from_iso8601_basic(&[year, month, day, "T", &time, "Z"].concat())
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counting years from March so that
/// the leap day is the last day of its year.
/// Requires a year from 1970 on; a day beyond the end of its month counts into the next month.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (shifted_year, shifted_month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
    let days_before_month = (153 * shifted_month + 2) / 5;
    shifted_year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

/// Year, month and day of a number of days since 1970-01-01: the inverse of [`days_since_1970`].
fn date_of_days(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let (month, next_year) = match shifted_month {
        0..=9 => (shifted_month + 3, 0),
        _ => (shifted_month - 9, 1),
    };
    (era * 400 + year_of_era + next_year, month, day)
}

impl fmt::Display for Timestamp {
    /// Seconds since 1970, for errors and logs. Pages format times for users themselves.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} s UTC", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_time_that_aws_writes_into_its_messages() {
        assert_eq!(
            Timestamp::from_iso8601_basic("20230601T135950Z"),
            Some(Timestamp(1_685_627_990))
        );
        assert_eq!(
            Timestamp::from_iso8601_basic("19700101T000000Z"),
            Some(Timestamp(0))
        );
        assert_eq!(
            Timestamp::from_iso8601_basic("20240229T235959Z"),
            Some(Timestamp(1_709_251_199))
        );
    }

    #[test]
    fn writes_what_it_reads() {
        for day in 0..60_000 {
            let time = Timestamp(day * 86_400 + day * 7_919 % 86_400);
            assert_eq!(
                Timestamp::from_iso8601_basic(&time.to_iso8601_basic()),
                Some(time)
            );
        }
        assert_eq!(Timestamp(u64::MAX).to_iso8601_basic(), "99991231T235959Z");
    }

    #[test]
    fn refuses_what_is_not_such_a_time() {
        for text in [
            "",
            "20230601",
            "2023-06-01T13:59Z",
            "20231301T000000Z",
            "20230601T135950+",
            "2023060aT135950Z",
        ] {
            assert_eq!(Timestamp::from_iso8601_basic(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_time_that_servers_write_into_their_answers() {
        let read = Timestamp::from_http_date;
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Timestamp(784_111_777))
        );
        assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Timestamp(0)));
        assert_eq!(
            read("Thu, 29 Feb 2024 23:59:59 GMT"),
            Some(Timestamp(1_709_251_199))
        );
        for text in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 anF 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06  1994 08:49:37 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn shifts_and_measures_in_both_directions() {
        assert_eq!(Timestamp(100).shifted(-30), Timestamp(70));
        assert_eq!(Timestamp(10).shifted(-30), Timestamp(0));
        assert_eq!(Timestamp(u64::MAX).shifted(1), Timestamp(u64::MAX));
        assert_eq!(Timestamp(70).seconds_from(Timestamp(100)), -30);
        assert_eq!(Timestamp(100).seconds_from(Timestamp(70)), 30);
        assert_eq!(Timestamp(u64::MAX).seconds_from(Timestamp(0)), i64::MAX);
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_the_range() {
        assert_eq!(
            Timestamp(u64::MAX).plus(Duration::from_secs(5)),
            Timestamp(u64::MAX)
        );
        assert_eq!(Timestamp(5).since(Timestamp(9)), Duration::ZERO);
    }
}
