//! Reading single members out of JSON that another program wrote: every answer of a server, and every record in the
//! browser's storage, is read through these functions.
//!
//! A member counts as missing when it is absent, null, an empty text, or of a type that cannot be read as the wanted
//! one. Of a repeated member the last one counts. Unknown members are ignored. A derived deserialiser for each shape
//! would add several kilobytes to the download of every visitor, and would fail as a whole on one odd member.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::time::Timestamp;

/// Seconds above this are no time that anything here refers to; `u64` and `f64` both represent them exactly.
/// It is about 31 million years.
const MOST_SECONDS: f64 = 1e15;

/// The JSON in `text`, if it is an object.
/// A text, a number, a list and `null` are no objects, so [`Value::get`] works on the result.
pub(crate) fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// The JSON in bytes. It is read as text: a second reader for bytes would cost every visitor some kilobytes.
pub(crate) fn bytes(bytes: &[u8]) -> Option<Value> {
    serde_json::from_str(str::from_utf8(bytes).ok()?).ok()
}

/// The text under `key`, unless it is empty.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The texts in the list under `key`, or the one text that stands there instead of a list. Anything else in the
/// list is left out.
/// Cognito writes a claim such as `cognito:groups` as a list; other providers write a single value without one.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    let member = value.get(key);
    let items = match member {
        Some(Value::Array(items)) => items.as_slice(),
        other => other.map(std::slice::from_ref).unwrap_or_default(),
    };
    let texts = items.iter().filter_map(Value::as_str);
    let texts = texts.filter(|text| !text.is_empty());
    texts.map(str::to_owned).collect()
}

/// The time under `key`, in seconds since 1970. It may have a fraction (RFC 7519, section 2) or an exponent, as AWS
/// writes it, or be a number in a text; the fraction is dropped.
pub(crate) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    seconds(value, key).map(Timestamp)
}

/// The lifetime under `key`, in seconds, in the forms that [`time`] reads. Zero counts as missing: a server that
/// hands out something to use does not mean that it has already expired.
/// For `expires_in` (RFC 6749, section 5.1).
pub(crate) fn lifetime(value: &Value, key: &str) -> Option<Duration> {
    let seconds = seconds(value, key).filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs)
}

/// A number from 0 to [`MOST_SECONDS`] without its fraction; `None` for negative and larger ones.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first"
)]
fn seconds(value: &Value, key: &str) -> Option<u64> {
    let seconds = match value.get(key)? {
        Value::String(text) => serde_json::from_str::<Value>(text).ok()?.as_f64(),
        number => number.as_f64(),
    }?;
    (0.0..MOST_SECONDS)
        .contains(&seconds)
        .then_some(seconds as u64)
}

/// An object of these members, in this order. `json!` has code of its own for each type of value, and apps would be larger.
pub(crate) fn record<const N: usize>(mut members: [(&str, Value); N]) -> Value {
    fill(&mut members)
}

/// Not generic, so that it is compiled once.
fn fill(members: &mut [(&str, Value)]) -> Value {
    let mut record = Map::new();
    for (key, value) in members {
        record.insert((*key).to_owned(), value.take());
    }
    Value::Object(record)
}

/// Sets a member of an object. Other values have none.
pub(crate) fn set(record: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(members) = record {
        members.insert(key.to_owned(), value.into());
    }
}

/// The value as text, by the serializer that writes the bodies of calls. It does not fail: the keys of a [`Value`] are texts.
pub(crate) fn write(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_texts_and_times_and_nothing_else() {
        let value =
            object(r#"{"a":"x","b":1.480453851E9,"c":12.9,"d":-1,"e":1e300,"f":""}"#).unwrap();
        assert_eq!(text(&value, "a").as_deref(), Some("x"));
        assert_eq!(text(&value, "b"), None);
        assert_eq!(time(&value, "b"), Some(Timestamp(1_480_453_851)));
        assert_eq!(time(&value, "c"), Some(Timestamp(12)));
        assert_eq!(text(&value, "f"), None);
        for key in ["a", "d", "e", "f", "missing"] {
            assert_eq!(time(&value, key), None, "{key}");
        }
        assert_eq!(object("[]"), None);
        assert_eq!(object("{"), None);
    }

    #[test]
    fn writes_members_in_their_order_and_replaces_one_in_its_place() {
        let mut value = record([("b", "x\"".into()), ("a", None::<u64>.into())]);
        set(&mut value, "c", true);
        set(&mut value, "b", 7);
        assert_eq!(write(&value), r#"{"b":7,"a":null,"c":true}"#);
        assert_eq!(write(&record([("b", "x\"".into())])), r#"{"b":"x\""}"#);
        let mut text = Value::from("no object");
        set(&mut text, "a", 1);
        assert_eq!(text, "no object");
    }
}
