//! Times in this device's time zone.

use js_sys::Date;

use velvet_rope::Timestamp;
use velvet_rope::browser::device_now;

/// The time in this device's time zone, `14:32:05`; with its date, `2026-11-21 14:32:05`, unless that is today.
#[must_use]
pub fn local_time(time: Timestamp) -> String {
    let (date, today) = (date_of(time), date_of(device_now()));
    let mut text = String::new();
    let day = |date: &Date| (date.get_full_year(), date.get_month(), date.get_date());
    if day(&date) != day(&today) {
        text += &date.get_full_year().to_string();
        push(&mut text, '-', date.get_month() + 1);
        push(&mut text, '-', date.get_date());
        text.push(' ');
    }
    push(&mut text, '\0', date.get_hours());
    push(&mut text, ':', date.get_minutes());
    push(&mut text, ':', date.get_seconds());
    text
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact for every time within 285 000 years"
)]
fn date_of(time: Timestamp) -> Date {
    Date::new(&(time.0 as f64 * 1_000.0).into())
}

/// Appends a number of two digits.
fn push(text: &mut String, separator: char, number: u32) {
    if separator != '\0' {
        text.push(separator);
    }
    if number < 10 {
        text.push('0');
    }
    *text += &number.to_string();
}
