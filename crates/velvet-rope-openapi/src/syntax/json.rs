//! JSON (RFC 8259) as events. Unlike a recursive parser it can pause, and no nesting exhausts the stack.
//! `serde_json` decodes the strings and numbers.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{Event, EventKind, Scalar, syntax};
use crate::error::ReadError;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// A value.
    Value,
    /// The first item of a list, or its end.
    FirstItem,
    /// The first key of an object, or its end.
    FirstKey,
    /// A key, after a comma.
    Key,
    /// A comma or the end of the innermost object or list.
    CommaOrEnd,
    /// The end of the text.
    End,
}

#[derive(Debug)]
pub(super) struct Parser<'a> {
    text: &'a str,
    position: usize,
    line: usize,
    /// The position where the line begins.
    line_start: usize,
    expect: Expect,
    /// The innermost last: whether each is an object.
    open: Vec<bool>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            line: 1,
            line_start: 0,
            expect: Expect::Value,
            open: Vec::new(),
        }
    }

    /// The bytes that are read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next event.
    ///
    /// # Errors
    /// When the text is not JSON here.
    pub(super) fn next_event(&mut self) -> Result<Event<'a>, ReadError> {
        loop {
            self.skip_space();
            let kind = match (self.expect, self.peek()) {
                (Expect::End, None) => EventKind::DocumentEnd { is_last: true },
                (Expect::End, Some(_)) => return Err(self.error("unexpected text after the end")),
                (_, None) => return Err(self.error("unexpected end of the text")),
                (Expect::CommaOrEnd, Some(b',')) => {
                    self.position += 1;
                    let in_object = self.open.last() == Some(&true);
                    self.expect = if in_object {
                        Expect::Key
                    } else {
                        Expect::Value
                    };
                    continue;
                }
                (Expect::CommaOrEnd | Expect::FirstKey, Some(b'}'))
                    if self.open.last() == Some(&true) =>
                {
                    self.close()
                }
                (Expect::CommaOrEnd | Expect::FirstItem, Some(b']'))
                    if self.open.last() == Some(&false) =>
                {
                    self.close()
                }
                (Expect::CommaOrEnd, Some(_)) => return Err(self.error("expected a comma")),
                (Expect::FirstKey | Expect::Key, Some(b'"')) => {
                    let line = self.line;
                    let key = self.string()?;
                    self.skip_space();
                    if self.peek() != Some(b':') {
                        return Err(self.error("expected a colon"));
                    }
                    self.position += 1;
                    self.expect = Expect::Value;
                    let kind = EventKind::Scalar(Scalar::Text(key), 0);
                    return Ok(Event { line, kind });
                }
                (Expect::FirstKey | Expect::Key, Some(_)) => {
                    return Err(self.error("expected a key in double quotes"));
                }
                (Expect::Value | Expect::FirstItem, Some(first)) => self.value(first)?,
            };
            return Ok(Event {
                line: self.line,
                kind,
            });
        }
    }

    fn value(&mut self, first: u8) -> Result<EventKind<'a>, ReadError> {
        let scalar = match first {
            b'{' => {
                self.position += 1;
                self.open.push(true);
                self.expect = Expect::FirstKey;
                return Ok(EventKind::ObjectStart(0));
            }
            b'[' => {
                self.position += 1;
                self.open.push(false);
                self.expect = Expect::FirstItem;
                return Ok(EventKind::ListStart(0));
            }
            b'"' => Scalar::Text(self.string()?),
            _ => Scalar::Value(self.literal()?),
        };
        self.after_value();
        Ok(EventKind::Scalar(scalar, 0))
    }

    fn close(&mut self) -> EventKind<'a> {
        self.position += 1;
        self.open.pop();
        self.after_value();
        EventKind::End
    }

    fn after_value(&mut self) {
        self.expect = if self.open.is_empty() {
            Expect::End
        } else {
            Expect::CommaOrEnd
        };
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let mut end = 1;
        let mut is_plain = true;
        loop {
            match bytes.get(end) {
                None => return Err(self.error("a string does not end")),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    end += 2;
                }
                Some(byte) => {
                    is_plain &= *byte >= 0x20;
                    end += 1;
                }
            }
        }
        let text = if is_plain {
            Cow::Borrowed(rest.get(1..end).unwrap_or_default())
        } else {
            let quoted = rest.get(..=end).unwrap_or_default();
            let decoded = serde_json::from_str::<String>(quoted);
            Cow::Owned(decoded.map_err(|error| self.error(&without_position(&error)))?)
        };
        self.position += end + 1;
        Ok(text)
    }

    fn literal(&mut self) -> Result<Value, ReadError> {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let end = rest.bytes().position(|byte| !is_part(byte));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let value = match word {
            "" => return Err(self.error("unexpected character")),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            number => {
                let number = number.parse::<Number>();
                Value::Number(number.map_err(|error| self.error(&without_position(&error)))?)
            }
        };
        self.position += word.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.position += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.position;
            }
        }
    }

    fn error(&self, message: &str) -> ReadError {
        syntax(self.line, self.position - self.line_start + 1, message)
    }
}

/// The message of `serde_json` without the position, which is one inside the string or number.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next();
    message.unwrap_or_default().to_owned()
}
