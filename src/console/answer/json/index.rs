//! Where the values of a JSON text are, found in steps so that a long text does not hold the page.
//!
//! The values themselves stay in the text: the index of a text of 10 MB is made without copying it, numbers keep all
//! their digits, and members keep their order.

use std::ops::Range;

/// Deeper texts are not indexed: no tree of that depth can be read on a page.
const DEPTH: usize = 500;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Text,
    /// A number, `true`, `false` or `null`.
    Plain,
}

impl Kind {
    /// Whether the value has members or elements.
    pub(super) fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }
}

/// A value of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The bytes of the value; of a text with its quotation marks.
    value: (u32, u32),
    /// The bytes of its name with the quotation marks; empty for elements and for the outermost value.
    name: (u32, u32),
    /// The number of its members or elements.
    pub(super) count: u32,
    /// Its place among the members or elements of its parent, from 0.
    pub(super) position: u32,
    /// The index of the object or array that it belongs to; its own for the outermost value.
    pub(super) parent: u32,
    /// How many objects and arrays it is in.
    pub(super) depth: u32,
    /// The index of the first value behind all its members.
    pub(super) next: u32,
}

impl Node {
    /// Its bytes in the text.
    pub(super) fn value(&self) -> Range<usize> {
        range(self.value)
    }

    /// The bytes of its name, without the quotation marks; `None` for elements and the outermost value.
    pub(super) fn name(&self) -> Option<Range<usize>> {
        let name = range(self.name);
        (!name.is_empty()).then(|| name.start + 1..name.end - 1)
    }
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// What an [`Indexer`] has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More steps are needed.
    Working,
    /// All values are found.
    Done,
    /// The text is not JSON, from this byte on.
    Invalid(usize),
}

/// What the text may have next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A value; with an end of the array in its place, if it is the first.
    Value { may_end: bool },
    /// A name; with an end of the object in its place, if it is the first.
    Name { may_end: bool },
    /// A colon.
    Colon,
    /// A comma, or the end of the object or array.
    Comma,
    /// Nothing more.
    End,
}

/// Finds the values of a text.
#[derive(Debug)]
pub(super) struct Indexer {
    nodes: Vec<Node>,
    /// The objects and arrays around the current place.
    open: Vec<u32>,
    at: usize,
    name: (u32, u32),
    next: Next,
}

impl Indexer {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            open: Vec::new(),
            at: 0,
            name: (0, 0),
            next: Next::Value { may_end: false },
        }
    }

    /// The values found, in the order of the text.
    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// Reads about `bytes` more of `text`, which is the same at each step.
    pub(super) fn step(&mut self, text: &str, bytes: usize) -> Progress {
        if u32::try_from(text.len()).is_err() {
            return Progress::Invalid(0);
        }
        let text = text.as_bytes();
        let end = self.at.saturating_add(bytes);
        loop {
            self.at += blanks(&text[self.at..]);
            let Some(&byte) = text.get(self.at) else {
                return match self.next {
                    Next::End => Progress::Done,
                    _ => Progress::Invalid(self.at),
                };
            };
            if self.at >= end {
                return Progress::Working;
            }
            if self.token(text, byte).is_none() {
                return Progress::Invalid(self.at);
            }
        }
    }

    /// Reads one token. `None` if another one is expected.
    fn token(&mut self, text: &[u8], byte: u8) -> Option<()> {
        match (self.next, byte) {
            (Next::Value { may_end: true }, b']') | (Next::Name { may_end: true }, b'}') => {
                self.close(byte)
            }
            (Next::Comma, b']' | b'}') => self.close(byte),
            (Next::Value { .. }, b'{' | b'[') => self.open(byte),
            (Next::Value { .. }, b'"') => {
                let length = quoted(&text[self.at..])?;
                self.scalar(Kind::Text, length)
            }
            (Next::Value { .. }, _) => {
                let length = plain(&text[self.at..])?;
                self.scalar(Kind::Plain, length)
            }
            (Next::Name { .. }, b'"') => {
                let length = quoted(&text[self.at..])?;
                self.name = (position(self.at), position(self.at + length));
                self.at += length;
                self.next = Next::Colon;
                Some(())
            }
            (Next::Colon, b':') => {
                self.pass(Next::Value { may_end: false });
                Some(())
            }
            (Next::Comma, b',') => {
                let in_object = self.innermost()?.kind == Kind::Object;
                self.pass(if in_object {
                    Next::Name { may_end: false }
                } else {
                    Next::Value { may_end: false }
                });
                Some(())
            }
            _ => None,
        }
    }

    fn pass(&mut self, next: Next) {
        self.at += 1;
        self.next = next;
    }

    fn innermost(&self) -> Option<&Node> {
        self.nodes.get(*self.open.last()? as usize)
    }

    /// Adds a value that starts here.
    fn push(&mut self, kind: Kind, length: usize) -> Option<u32> {
        let index = u32::try_from(self.nodes.len()).ok()?;
        let parent = self.open.last().copied();
        let mut place = 0;
        if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent as usize)) {
            place = parent.count;
            parent.count += 1;
        }
        self.nodes.push(Node {
            kind,
            value: (position(self.at), position(self.at + length)),
            name: std::mem::take(&mut self.name),
            count: 0,
            position: place,
            parent: parent.unwrap_or(index),
            depth: position(self.open.len()),
            next: index + 1,
        });
        Some(index)
    }

    fn scalar(&mut self, kind: Kind, length: usize) -> Option<()> {
        self.push(kind, length)?;
        self.at += length;
        self.after_value();
        Some(())
    }

    fn open(&mut self, byte: u8) -> Option<()> {
        if self.open.len() == DEPTH {
            return None;
        }
        let (kind, next) = match byte {
            b'{' => (Kind::Object, Next::Name { may_end: true }),
            _ => (Kind::Array, Next::Value { may_end: true }),
        };
        let index = self.push(kind, 1)?;
        self.open.push(index);
        self.pass(next);
        Some(())
    }

    fn close(&mut self, byte: u8) -> Option<()> {
        let expected = match self.innermost()?.kind {
            Kind::Object => b'}',
            _ => b']',
        };
        if byte != expected {
            return None;
        }
        let next = u32::try_from(self.nodes.len()).ok()?;
        let end = position(self.at + 1);
        let index = self.open.pop()? as usize;
        let node = self.nodes.get_mut(index)?;
        node.value.1 = end;
        node.next = next;
        self.at += 1;
        self.after_value();
        Some(())
    }

    fn after_value(&mut self) {
        self.next = if self.open.is_empty() {
            Next::End
        } else {
            Next::Comma
        };
    }
}

/// A place in a text of less than 4 GiB.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn blanks(text: &[u8]) -> usize {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    text.iter().take_while(is_blank).count()
}

/// The length of the text in quotation marks at the start.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            // RFC 8259, section 7.
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

/// The length of the number or word at the start (RFC 8259, sections 3 and 6).
fn plain(text: &[u8]) -> Option<usize> {
    let is_part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
    let length = text.iter().take_while(is_part).count();
    let word = str::from_utf8(&text[..length]).ok()?;
    let is_valid = matches!(word, "true" | "false" | "null") || is_number(word);
    is_valid.then_some(length)
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let starts = digits.starts_with(|first: char| first.is_ascii_digit());
    let leading_zero =
        digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    starts
        && !leading_zero
        && !digits.contains(".e")
        && !digits.ends_with('.')
        && word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str, bytes: usize) -> Result<Vec<Node>, usize> {
        let mut indexer = Indexer::new();
        loop {
            match indexer.step(text, bytes) {
                Progress::Working => {}
                Progress::Done => return Ok(indexer.into_nodes()),
                Progress::Invalid(at) => return Err(at),
            }
        }
    }

    fn seen<'a>(text: &'a str, node: &Node) -> (Option<&'a str>, &'a str, u32, u32) {
        (
            node.name().map(|name| &text[name]),
            &text[node.value()],
            node.depth,
            node.count,
        )
    }

    #[test]
    fn finds_each_value_with_its_name_and_depth_in_steps_of_any_size() {
        let text = r#" {"a\"b": [1, -2.5e3, {}], "c": "x]", "d": null} "#;
        for bytes in [1, 7, 1_000] {
            let nodes = index(text, bytes).unwrap();
            let found: Vec<_> = nodes.iter().map(|node| seen(text, node)).collect();
            assert_eq!(
                found,
                [
                    (None, text.trim(), 0, 3),
                    (Some(r#"a\"b"#), "[1, -2.5e3, {}]", 1, 3),
                    (None, "1", 2, 0),
                    (None, "-2.5e3", 2, 0),
                    (None, "{}", 2, 0),
                    (Some("c"), "\"x]\"", 1, 0),
                    (Some("d"), "null", 1, 0),
                ]
            );
            let next: Vec<_> = nodes.iter().map(|node| node.next).collect();
            assert_eq!(next, [7, 5, 3, 4, 5, 6, 7]);
            let parents: Vec<_> = nodes.iter().map(|node| node.parent).collect();
            assert_eq!(parents, [0, 0, 1, 1, 1, 0, 0]);
            assert_eq!(nodes[4].position, 2);
        }
    }

    #[test]
    fn accepts_what_serde_json_accepts_and_nothing_else() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[1 2]",
            "nul",
            "01",
            "1.",
            "-",
            "[}",
            "\"\u{1}\"",
            "\"a",
            "1 1",
            "{}}",
            "[]",
            "{}",
            "0",
            "-0.5E+2",
            "\"\\u00e9\\\"\"",
            "true",
            "[[],{},[{}]]",
            "{\"\":{\"\":[]}}",
            " 1 ",
            "1e5",
            ".5",
            "+1",
            "NaN",
            "inf",
            "1e",
            "1.e5",
        ] {
            let expected = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(index(text, 3).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn says_where_a_text_stops_being_json() {
        assert_eq!(index("{\"a\": oops}", 100), Err(6));
        assert_eq!(index("[1, 2", 100), Err(5));
    }

    #[test]
    fn a_text_that_is_too_deep_is_refused() {
        assert_eq!(index(&"[".repeat(100_000), 4_096), Err(DEPTH));
    }
}
