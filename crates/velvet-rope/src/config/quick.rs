//! Reads a configuration that has no mistake, with less code than [`parse`](super::parse): a first visit loads neither the
//! texts about mistakes nor the reader of `serde_json`.
//!
//! It reads less than all of JSON. What it does not read is no mistake: then [`parse`](super::parse) decides.

use super::Config;
use super::json::Json;
use super::read::read_config;
use super::reader::Mistakes;

/// The configuration in `text`. `None` if `text` has a mistake or is written in an unusual form: then call
/// [`parse`](super::parse).
pub(crate) fn parse(text: &str) -> Option<Config> {
    let mistakes = Mistakes::default();
    let config = read_config(&read(text)?, &mistakes)?;
    mistakes.is_empty().then_some(config)
}

/// How deep lists and objects may be in each other. A configuration needs four.
const DEPTH: u32 = 8;

/// A value of JSON.
enum Value {
    Null,
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Json for Value {
    const DESCRIBED: bool = false;

    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = match self {
            Self::Object(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn member(&self, name: &str) -> Option<&Self> {
        let (_, value) = self.members().find(|(member, _)| *member == name)?;
        Some(value)
    }

    fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn shown(&self) -> String {
        String::new()
    }
}

/// The value in `text`, if it is JSON without escapes, without numbers below zero or with a fraction, and without two members
/// of one name in an object.
fn read(text: &str) -> Option<Value> {
    let mut reader = Reader {
        rest: text.as_bytes(),
    };
    let value = reader.value(DEPTH)?;
    reader.next().is_none().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// The next byte that is no blank, which stays the next one.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] => self.rest = rest,
                rest => return rest.first().copied(),
            }
        }
    }

    /// Whether the next byte that is no blank was `byte`; then it is behind.
    fn passes(&mut self, byte: u8) -> bool {
        let found = self.next() == Some(byte);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        match self.next()? {
            b'"' => self.text().map(Value::Text),
            b'0'..=b'9' => self.number().map(Value::Number),
            b'{' => self.object(depth.checked_sub(1)?).map(Value::Object),
            b'[' => self.list(depth.checked_sub(1)?).map(Value::List),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Option<Value> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Flag(true)),
            ("false", Value::Flag(false)),
        ];
        words.into_iter().find_map(|(word, value)| {
            self.rest = self.rest.strip_prefix(word.as_bytes())?;
            Some(value)
        })
    }

    /// At most 15 digits, and no zero before others.
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut digits) = (0, 0);
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            if digits == 15 || (digits == 1 && number == 0) {
                return None;
            }
            (number, digits) = (number * 10 + u64::from(digit - b'0'), digits + 1);
            self.rest = rest;
        }
        // Of `1.5` and `1e5`, what is behind the digits is neither a comma nor the end of a list or an object.
        Some(number)
    }

    fn text(&mut self) -> Option<String> {
        self.passes(b'"');
        let end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=31);
        let length = self.rest.iter().position(end)?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let text = str::from_utf8(text).ok()?;
        // Anything else is an escape, or a control character.
        self.passes(b'"').then(|| text.to_owned())
    }

    fn list(&mut self, depth: u32) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.passes(b'[');
        if self.passes(b']') {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            if !self.passes(b',') {
                return self.passes(b']').then_some(items);
            }
        }
    }

    fn object(&mut self, depth: u32) -> Option<Vec<(String, Value)>> {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.passes(b'{');
        if self.passes(b'}') {
            return Some(members);
        }
        loop {
            let name = (self.next()? == b'"').then(|| self.text())??;
            if !self.passes(b':') || members.iter().any(|(other, _)| *other == name) {
                return None;
            }
            members.push((name, self.value(depth)?));
            if !self.passes(b',') {
                return self.passes(b'}').then_some(members);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::{self, EXAMPLE};

    fn same(quick: &Value, full: &serde_json::Value) -> bool {
        match (quick, full) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Flag(one), serde_json::Value::Bool(other)) => one == other,
            (Value::Number(one), serde_json::Value::Number(other)) => Some(*one) == other.as_u64(),
            (Value::Text(one), serde_json::Value::String(other)) => one == other,
            (Value::List(one), serde_json::Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Object(one), serde_json::Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        other.get(name).is_some_and(|other| same(value, other))
                    })
            }
            _ => false,
        }
    }

    #[test]
    fn the_example_and_each_usual_value_are_read() {
        assert_eq!(parse(EXAMPLE), config::parse(EXAMPLE).ok());
        for text in [
            "null",
            "[true, false]",
            "0",
            "10",
            "999999999999999",
            "[]",
            "{}",
            " [ 1 , 2 ] ",
            r#"{"a":{"b":["ä"]},"c":""}"#,
            "\t\"\u{2028}\"\r\n",
        ] {
            let full = serde_json::from_str(text).unwrap();
            assert!(same(&read(text).unwrap(), &full), "{text}");
        }
    }

    #[test]
    fn what_is_unusual_or_no_json_is_left_to_the_other_reader() {
        for text in [
            "",
            " ",
            "-1",
            "1.5",
            "1e5",
            "01",
            "1000000000000000",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1,\"a\":2}",
            "\"a\\n\"",
            "\"a\nb\"",
            "\"a",
            "nul",
            "nulll",
            "[1] 2",
            "\u{feff}1",
            "[[[[[[[[[1]]]]]]]]]",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_mistake_is_left_to_the_reader_that_describes_it() {
        for (from, to) in [
            ("\"region\": \"eu-west-1\"", "\"region\": \"Europe\""),
            ("\"auth\": \"iam\"", "\"auth\": \"none\""),
            ("\"api\": {", "\"api\": { \"kee\": 1,"),
            ("\"routes\": [", "\"routes\": [ 7,"),
        ] {
            let text = EXAMPLE.replace(from, to);
            assert_ne!(text, EXAMPLE, "{from}");
            assert_eq!(parse(&text), None, "{to}");
            assert!(config::parse(&text).is_err(), "{to}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_of_any_text_is_what_the_other_reader_reads(text in r#"[\[\]{}:, "a0-9.\\ntruefalsä]{0,24}"#) {
            if let Some(quick) = read(&text) {
                prop_assert!(same(&quick, &serde_json::from_str(&text).unwrap()));
            }
        }

        #[test]
        fn a_changed_configuration_is_read_equally_or_not_at_all(from in 0_usize..700, len in 0_usize..60, with in ".{0,20}") {
            let mut characters: Vec<char> = EXAMPLE.chars().collect();
            let from = from.min(characters.len());
            let to = (from + len).min(characters.len());
            characters.splice(from..to, with.chars());
            let text: String = characters.into_iter().collect();
            if let Some(config) = parse(&text) {
                prop_assert_eq!(Ok(config), config::parse(&text));
            }
        }
    }
}
