//! YAML 1.2 as events, by `saphyr-parser`.

use std::fmt;

use saphyr_parser::{Event as YamlEvent, Parser as YamlParser, ScalarStyle, StrInput, Tag};

use super::{Event, EventKind, Scalar, syntax};
use crate::error::ReadError;

pub(super) struct Parser<'a> {
    events: YamlParser<'a, StrInput<'a>>,
    line: usize,
    position: usize,
}

impl fmt::Debug for Parser<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parser").finish_non_exhaustive()
    }
}

impl<'a> Parser<'a> {
    /// # Errors
    /// When the text has a NUL, which the parser would take for the end.
    pub(super) fn new(text: &'a str) -> Result<Self, ReadError> {
        if let Some(position) = text.find('\0') {
            let before = text.get(..position).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            return Err(syntax(line, column, "unexpected character"));
        }
        let events = YamlParser::new_from_str(text);
        Ok(Self {
            events,
            line: 1,
            position: 0,
        })
    }

    /// The characters that are read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next event that is part of a value, or the end of the first document.
    ///
    /// # Errors
    /// When the text is not YAML here.
    pub(super) fn next_event(&mut self) -> Result<Event<'a>, ReadError> {
        loop {
            let kind = match self.next()? {
                YamlEvent::Nothing | YamlEvent::StreamStart | YamlEvent::DocumentStart(_) => {
                    continue;
                }
                YamlEvent::StreamEnd => EventKind::DocumentEnd { is_last: true },
                YamlEvent::DocumentEnd => {
                    // An error in the second document, which is ignored, does not spoil the first.
                    let next = self.next();
                    let is_last = matches!(next, Ok(YamlEvent::StreamEnd));
                    EventKind::DocumentEnd { is_last }
                }
                YamlEvent::Alias(anchor) => EventKind::Alias(anchor),
                YamlEvent::SequenceStart(anchor, _) => EventKind::ListStart(anchor),
                YamlEvent::MappingStart(anchor, _) => EventKind::ObjectStart(anchor),
                YamlEvent::SequenceEnd | YamlEvent::MappingEnd => EventKind::End,
                YamlEvent::Scalar(text, style, anchor, tag) => {
                    // Tags such as `!Sub` of CloudFormation mark texts.
                    let is_plain =
                        style == ScalarStyle::Plain && tag.as_deref().is_none_or(is_core);
                    let scalar = if is_plain {
                        Scalar::Plain(text)
                    } else {
                        Scalar::Text(text)
                    };
                    EventKind::Scalar(scalar, anchor)
                }
            };
            return Ok(Event {
                line: self.line,
                kind,
            });
        }
    }

    fn next(&mut self) -> Result<YamlEvent<'a>, ReadError> {
        match self.events.next_event() {
            None => Ok(YamlEvent::StreamEnd),
            Some(Ok((event, span))) => {
                self.line = span.start.line().max(1);
                self.position = span.end.index();
                Ok(event)
            }
            Some(Err(error)) => {
                let marker = error.marker();
                Err(syntax(marker.line(), marker.col() + 1, error.info()))
            }
        }
    }
}

/// Whether the tag leaves the type to the text: `!!int`, `!!bool` and so on, but not `!!str`.
fn is_core(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && tag.suffix != "str"
}
