//! Reading single members out of JSON. Answers of servers are read member by member: a derived deserialiser
//! for each shape would cost every visitor several kilobytes.

use serde_json::Value;

use crate::time::Timestamp;

/// The JSON in `text`, if it is an object.
pub(crate) fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// The JSON in bytes. It is read as text: a second reader for bytes would cost every visitor some kilobytes.
pub(crate) fn bytes(bytes: &[u8]) -> Option<Value> {
    serde_json::from_str(str::from_utf8(bytes).ok()?).ok()
}

/// The text under `key`.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The texts in the list under `key`; anything else in it is left out.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value.get(key).and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The time under `key`, in seconds since 1970. It may be written with a fraction (RFC 7519, section 2) or an
/// exponent, as AWS does; the second that has begun counts.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first"
)]
pub(crate) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let seconds = value.get(key).and_then(Value::as_f64)?;
    (0.0..1e15)
        .contains(&seconds)
        .then_some(Timestamp(seconds as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_texts_and_times_and_nothing_else() {
        let value =
            object(r#"{"a":"x","b":1.480453851E9,"c":12.9,"d":-1,"e":1e300,"f":"1"}"#).unwrap();
        assert_eq!(text(&value, "a").as_deref(), Some("x"));
        assert_eq!(text(&value, "b"), None);
        assert_eq!(time(&value, "b"), Some(Timestamp(1_480_453_851)));
        assert_eq!(time(&value, "c"), Some(Timestamp(12)));
        for key in ["a", "d", "e", "f", "missing"] {
            assert_eq!(time(&value, key), None, "{key}");
        }
        assert_eq!(object("[]"), None);
        assert_eq!(object("{"), None);
    }
}
