//! Times as this device shows them.

use velvet_rope::browser::clock;
use velvet_rope::time::Timestamp;
use velvet_rope_app::browser::local_time;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::js;

/// A date and time of this device's time zone, as its `Date` takes them.
fn at(local: &str) -> Timestamp {
    let seconds = js(&format!("Date.parse('{local}') / 1000"));
    Timestamp(seconds.as_f64().unwrap().to_string().parse().unwrap())
}

#[wasm_bindgen_test]
fn a_time_of_another_day_has_its_date() {
    assert_eq!(local_time(at("2021-03-09T07:05:02")), "2021-03-09 07:05:02");
    assert_eq!(local_time(at("2021-12-31T23:59:59")), "2021-12-31 23:59:59");
}

#[wasm_bindgen_test]
fn a_time_of_today_has_none() {
    let text = local_time(clock::now());
    assert_eq!(text.len(), "14:32:05".len(), "{text}");
}
