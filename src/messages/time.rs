//! Times and durations as text.

use velvet_rope::Timestamp;

/// Formats a time for this device.
pub(crate) type Clock = fn(Timestamp) -> String;

/// How many seconds a clock may be wrong without a message.
const TOLERANCE: u64 = 120;

/// Seconds in their two largest units: `1 h 30 min`.
pub(crate) fn span(seconds: u64) -> String {
    let (large, unit, small, small_unit) = match seconds {
        0..60 => (seconds, " s", 0, ""),
        60..3_600 => (seconds / 60, " min", seconds % 60, " s"),
        3_600..86_400 => (seconds / 3_600, " h", seconds % 3_600 / 60, " min"),
        _ => (seconds / 86_400, " d", seconds % 86_400 / 3_600, " h"),
    };
    let mut text = large.to_string() + unit;
    if small > 0 {
        text = [&text, " ", &small.to_string(), small_unit].concat();
    }
    text
}

/// Seconds in the largest unit that fits.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A time, and how far away it is: `14:32:05, in 4 min 3 s`.
pub(super) fn due(at: Timestamp, now: Timestamp, clock: Clock) -> String {
    let seconds = at.seconds_from(now);
    let distance = span(seconds.unsigned_abs());
    let time = clock(at);
    match seconds {
        0 => time + ", now",
        1.. => [&time, ", in ", &distance].concat(),
        _ => [&time, ", ", &distance, " ago"].concat(),
    }
}

/// How wrong this device's clock is, if it is wrong enough for a message: `1 h behind`. `offset_seconds` is the number
/// of seconds to add to it.
pub(crate) fn clock_error(offset_seconds: i64) -> Option<String> {
    let seconds = offset_seconds.unsigned_abs();
    let direction = if offset_seconds > 0 {
        " behind"
    } else {
        " ahead"
    };
    let minutes = (seconds + 30) / 60;
    (seconds >= TOLERANCE).then(|| span(minutes * 60) + direction)
}

/// The seconds of a countdown from `first` that are read aloud: its beginning, and two more of them.
pub(crate) fn read_aloud(seconds: u64, first: u64) -> u64 {
    let step = match seconds {
        0..=10 => 10,
        11..=30 => 30,
        _ => first,
    };
    step.min(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_at_most_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3_599, "59 min 59 s"),
            (3_600, "1 h"),
            (3_601, "1 h"),
            (5_400, "1 h 30 min"),
            (86_399, "23 h 59 min"),
            (86_400, "1 d"),
            (2 * 86_400 + 3 * 3_600 + 59, "2 d 3 h"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }

    #[test]
    fn a_time_says_how_far_away_it_is() {
        let clock: Clock = |time| time.0.to_string();
        let due = |at| due(Timestamp(at), Timestamp(100), clock);
        assert_eq!(due(163), "163, in 1 min 3 s");
        assert_eq!(due(100), "100, now");
        assert_eq!(due(95), "95, 5 s ago");
    }

    #[test]
    fn a_clock_is_behind_when_something_has_to_be_added_to_it() {
        let error = |offset| clock_error(offset).unwrap_or_default();
        assert_eq!(error(3_600), "1 h behind");
        assert_eq!(error(-5_400), "1 h 30 min ahead");
        assert_eq!(error(7_199), "2 h behind");
        assert_eq!(error(120), "2 min behind");
        assert_eq!(error(-149), "2 min ahead");
        assert_eq!(clock_error(119), None);
        assert_eq!(clock_error(-119), None);
        assert_eq!(clock_error(0), None);
    }

    #[test]
    fn a_countdown_is_read_aloud_three_times() {
        let spoken: std::collections::BTreeSet<_> =
            (0..=60).map(|seconds| read_aloud(seconds, 60)).collect();
        assert_eq!(spoken, [10, 30, 60].into());
        assert_eq!(read_aloud(4, 5), 5);
        assert_eq!(read_aloud(20, 25), 25);
    }
}
