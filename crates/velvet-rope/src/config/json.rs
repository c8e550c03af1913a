//! The JSON that a configuration is read from: that of `serde_json`, and that of [`quick`](super::quick).

use serde_json::Value;

/// Longest part of a wrong value that a message repeats.
const SHOWN_CHARACTERS: usize = 60;

/// A value of JSON, as the reader of the configuration needs it.
pub(super) trait Json: Sized + 'static {
    /// Whether mistakes are described. If not, it is only known that there is one, and the code has no texts.
    const DESCRIBED: bool;

    /// Whether it is an object.
    fn is_object(&self) -> bool;
    /// Its members, if it is an object.
    fn members(&self) -> impl Iterator<Item = (&str, &Self)>;
    /// Its member of this name.
    fn member(&self, name: &str) -> Option<&Self>;
    /// Its items, if it is a list.
    fn items(&self) -> Option<&[Self]>;
    /// Its text, if it is one.
    fn text(&self) -> Option<&str>;
    /// Its value, if it is `true` or `false`.
    fn flag(&self) -> Option<bool>;
    /// Its value, if it is a whole number from 0.
    fn number(&self) -> Option<u64>;
    /// The value in a few words.
    fn shown(&self) -> String;
}

impl Json for Value {
    const DESCRIBED: bool = true;

    fn is_object(&self) -> bool {
        self.is_object()
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = self.as_object().into_iter().flatten();
        members.map(|(name, value)| (name.as_str(), value))
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    fn items(&self) -> Option<&[Self]> {
        self.as_array().map(Vec::as_slice)
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn number(&self) -> Option<u64> {
        self.as_u64()
    }

    /// Not as JSON: what writes it would be the only user of `serde_json`'s writer.
    fn shown(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(true) => "true".to_owned(),
            Self::Bool(false) => "false".to_owned(),
            Self::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => number.to_string(),
                (_, Some(number)) => number.to_string(),
                (None, None) => "a number that is not whole".to_owned(),
            },
            Self::String(text) => ["\"", &shorten(text), "\""].concat(),
            Self::Array(_) => "a list".to_owned(),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

/// Cuts after [`SHOWN_CHARACTERS`] characters, not bytes, and marks the cut with an ellipsis.
fn shorten(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(SHOWN_CHARACTERS).chain(['…']).collect()
}
