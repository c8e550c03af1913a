//! JSON bodies.

use serde::de::{DeserializeOwned, Error as _};

/// Reads a JSON object. Without this check, serde would also read an array as the members of a struct in order.
///
/// # Errors
///
/// When `text` is not a JSON object, or not that of a `T`.
pub fn read_json_object<T: DeserializeOwned>(text: &[u8]) -> Result<T, serde_json::Error> {
    if text.trim_ascii_start().starts_with(b"{") {
        serde_json::from_slice(text)
    } else {
        Err(serde_json::Error::custom("not a JSON object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Body {
        name: String,
    }

    #[test]
    fn reads_an_object_and_no_array() {
        let name = |text: &str| read_json_object::<Body>(text.as_bytes()).map(|body| body.name);
        assert_eq!(name(" {\"name\":\"a\"}").ok().as_deref(), Some("a"));
        for text in ["[\"a\"]", "\"a\"", "", "{}", "{\"name\":\"a\"} x"] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
