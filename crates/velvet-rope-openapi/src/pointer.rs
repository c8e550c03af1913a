//! JSON pointers (RFC 6901), as places in a document and as the fragments of `$ref`s.

use std::{borrow::Cow, fmt};

/// A place in a document while it is read: a list that is linked on the stack, which becomes a text only when there
/// is a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// A pointer; the empty one is the document.
    Pointer(&'a str),
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl At<'_> {
    pub(crate) const ROOT: At<'static> = At::Pointer("");

    pub(crate) fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At::Key(self, key)
    }

    pub(crate) fn index(&self, index: usize) -> At<'_> {
        At::Index(self, index)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Pointer(pointer) => formatter.write_str(pointer),
            At::Key(parent, key) => {
                write!(
                    formatter,
                    "{parent}/{}",
                    key.replace('~', "~0").replace('/', "~1")
                )
            }
            At::Index(parent, index) => write!(formatter, "{parent}/{index}"),
        }
    }
}

/// The pointer of a fragment (RFC 6901, section 6), `None` if it is none: `/a b` for `/a%20b`.
pub(crate) fn of_fragment(fragment: &str) -> Option<Cow<'_, str>> {
    if !(fragment.is_empty() || fragment.starts_with('/')) {
        return None;
    }
    if !fragment.contains('%') {
        return Some(Cow::Borrowed(fragment));
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_written_as_pointers() {
        let paths = At::ROOT.key("paths");
        let path = paths.key("/a~b");
        assert_eq!(path.index(3).to_string(), "/paths/~1a~0b/3");
        assert_eq!(At::ROOT.to_string(), "");
    }

    #[test]
    fn fragments_are_decoded_before_the_escapes_of_the_pointer() {
        let root = json!({ "a b": { "c/d": { "~1": 5 } } });
        let pointer = of_fragment("/a%20b/c~1d/~01").unwrap();
        assert_eq!(root.pointer(&pointer), Some(&json!(5)));
        for bad in ["name", "/%", "/%4", "/%zz", "/%ff"] {
            assert_eq!(of_fragment(bad), None, "{bad}");
        }
    }
}
