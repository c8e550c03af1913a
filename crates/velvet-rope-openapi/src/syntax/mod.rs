//! From text to a tree of values: JSON and YAML as a stream of events, so that reading can pause between two of them.

mod json;
mod scalar;
mod tree;
mod yaml;

use std::borrow::Cow;

use serde_json::Value;

use crate::error::{Problems, ReadError};
use crate::limits::Limits;

/// One step of a parser, with the line where it begins.
#[derive(Debug)]
struct Event<'a> {
    line: usize,
    kind: EventKind<'a>,
}

#[derive(Debug)]
enum EventKind<'a> {
    /// The start of an object, with its YAML anchor; zero is none.
    ObjectStart(usize),
    /// The start of a list, with its YAML anchor; zero is none.
    ListStart(usize),
    End,
    /// A scalar and its YAML anchor; zero is none.
    Scalar(Scalar<'a>, usize),
    /// A copy of the value with this anchor.
    Alias(usize),
    /// The end of the first document, and whether there is another one.
    DocumentEnd {
        is_last: bool,
    },
}

#[derive(Debug)]
enum Scalar<'a> {
    Text(Cow<'a, str>),
    /// A YAML scalar without quotes: as a key it is its text, as a value it may be a number, a boolean or null.
    Plain(Cow<'a, str>),
    Value(Value),
}

#[derive(Debug)]
enum Parser<'a> {
    Json(json::Parser<'a>),
    Yaml(Box<yaml::Parser<'a>>),
}

/// A document that is being read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    parser: Parser<'a>,
    tree: tree::Tree,
    length: usize,
}

impl<'a> Reader<'a> {
    /// Starts to read `text`: JSON, if it begins like an object or a list of JSON, else YAML.
    pub(crate) fn new(text: &'a str, limits: &Limits) -> Result<Self, ReadError> {
        if text.len() > limits.bytes {
            return Err(ReadError::TooLarge {
                bytes: text.len(),
                limit: limits.bytes,
            });
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parser = match text.trim_start().chars().next() {
            None => return Err(ReadError::Empty),
            Some('{' | '[') => Parser::Json(json::Parser::new(text)),
            Some(_) => Parser::Yaml(Box::new(yaml::Parser::new(text)?)),
        };
        let tree = tree::Tree::new(*limits);
        let length = text.len();
        Ok(Self {
            parser,
            tree,
            length,
        })
    }

    /// How much of the text is read, in bytes. Of YAML with characters of several bytes, about.
    pub(crate) fn amount(&self) -> (usize, usize) {
        let position = match &self.parser {
            Parser::Json(parser) => parser.position(),
            Parser::Yaml(parser) => parser.position(),
        };
        (position.min(self.length), self.length)
    }

    /// Reads `steps` values at most; the tree, when the document is complete.
    pub(crate) fn advance(
        &mut self,
        steps: usize,
        problems: &mut Problems,
    ) -> Result<Option<Value>, ReadError> {
        for _ in 0..steps {
            let event = match &mut self.parser {
                Parser::Json(parser) => parser.next_event()?,
                Parser::Yaml(parser) => parser.next_event()?,
            };
            if let Some(root) = self.tree.add(event, problems)? {
                return Ok(Some(root));
            }
        }
        Ok(None)
    }
}

fn syntax(line: usize, column: usize, message: impl Into<String>) -> ReadError {
    ReadError::Syntax {
        line,
        column,
        message: message.into(),
    }
}
