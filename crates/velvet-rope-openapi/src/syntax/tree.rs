//! Builds the tree of values from events, within the limits, without recursion.

use std::collections::BTreeMap;

use serde_json::{Map, Value, map::Entry};

use super::{Event, EventKind, Scalar, scalar, syntax};
use crate::error::{Place, ProblemKind, Problems, ReadError};
use crate::limits::Limits;

/// The key of YAML 1.1 whose value is merged into the object (<https://yaml.org/type/merge.html>).
const MERGE: &str = "<<";

/// A value that is complete.
#[derive(Clone, Debug)]
struct Complete {
    value: Value,
    /// The levels of objects and lists.
    height: usize,
    /// The values in it, with itself.
    count: usize,
}

#[derive(Debug)]
enum Container {
    List(Vec<Value>),
    Object {
        members: Map<String, Value>,
        /// The key whose value comes next, and whether it is the merge key.
        key: Option<(String, bool)>,
        merged: Vec<Value>,
    },
}

/// An object or list that is not complete.
#[derive(Debug)]
struct Open {
    container: Container,
    anchor: usize,
    height: usize,
    count: usize,
}

#[derive(Debug)]
pub(super) struct Tree {
    limits: Limits,
    /// The innermost last.
    open: Vec<Open>,
    anchors: BTreeMap<usize, Complete>,
    values: usize,
    alias_values: usize,
    root: Option<Value>,
}

impl Tree {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            values: 0,
            alias_values: 0,
            root: None,
        }
    }

    /// Adds an event; the tree, when the document is complete.
    ///
    /// # Errors
    /// When a limit is exceeded, a key is not a text, or an alias refers to nothing.
    pub(super) fn add(
        &mut self,
        event: Event<'_>,
        problems: &mut Problems,
    ) -> Result<Option<Value>, ReadError> {
        let line = event.line;
        match event.kind {
            EventKind::ObjectStart(anchor) => {
                let container = Container::Object {
                    members: Map::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.start(container, anchor, line)?;
            }
            EventKind::ListStart(anchor) => {
                self.start(Container::List(Vec::new()), anchor, line)?;
            }
            EventKind::End => self.end(line, problems)?,
            EventKind::Scalar(value, anchor) => self.scalar(value, anchor, line, problems)?,
            EventKind::Alias(anchor) => self.alias(anchor, line, problems)?,
            EventKind::DocumentEnd { is_last } => {
                if !is_last {
                    problems.add(Place::Line(line), ProblemKind::SecondDocument);
                }
                return self.root.take().map(Some).ok_or(ReadError::Empty);
            }
        }
        Ok(None)
    }

    fn start(&mut self, container: Container, anchor: usize, line: usize) -> Result<(), ReadError> {
        if self.expects_key() {
            return Err(syntax(line, 1, "a key is not a text"));
        }
        self.check_depth(1, line)?;
        self.count(1, line)?;
        self.open.push(Open {
            container,
            anchor,
            height: 0,
            count: 1,
        });
        Ok(())
    }

    fn end(&mut self, line: usize, problems: &mut Problems) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else {
            return Err(syntax(line, 1, "unexpected end of an object or list"));
        };
        let value = match open.container {
            Container::List(items) => Value::Array(items),
            Container::Object {
                mut members,
                merged,
                ..
            } => {
                merge(&mut members, merged);
                Value::Object(members)
            }
        };
        let complete = Complete {
            value,
            height: open.height + 1,
            count: open.count,
        };
        self.complete(complete, open.anchor, line, problems)
    }

    fn scalar(
        &mut self,
        value: Scalar<'_>,
        anchor: usize,
        line: usize,
        problems: &mut Problems,
    ) -> Result<(), ReadError> {
        self.count(1, line)?;
        if self.expects_key() {
            let (text, is_plain) = match value {
                Scalar::Text(text) => (text, false),
                Scalar::Plain(text) => (text, true),
                Scalar::Value(_) => return Err(syntax(line, 1, "a key is not a text")),
            };
            let is_merge = is_plain && text == MERGE;
            if anchor > 0 {
                let value = Value::String(text.clone().into_owned());
                self.keep(anchor, &Complete::of(value), line)?;
            }
            self.set_key(text.into_owned(), is_merge);
            return Ok(());
        }
        let value = match value {
            Scalar::Text(text) => Value::String(text.into_owned()),
            Scalar::Plain(text) => scalar::plain(&text),
            Scalar::Value(value) => value,
        };
        self.complete(Complete::of(value), anchor, line, problems)
    }

    fn alias(
        &mut self,
        anchor: usize,
        line: usize,
        problems: &mut Problems,
    ) -> Result<(), ReadError> {
        let expects_key = self.expects_key();
        let Some(Complete { height, count, .. }) = self.anchors.get(&anchor) else {
            return Err(syntax(
                line,
                1,
                "an alias refers to a value that contains it",
            ));
        };
        let (height, count) = (*height, *count);
        self.check_depth(height, line)?;
        self.expand(count, line)?;
        self.count(count, line)?;
        let Some(copy) = self.anchors.get(&anchor).cloned() else {
            return Ok(());
        };
        if expects_key {
            let Value::String(text) = copy.value else {
                return Err(syntax(line, 1, "a key is not a text"));
            };
            self.set_key(text, false);
            return Ok(());
        }
        self.complete(copy, 0, line, problems)
    }

    fn complete(
        &mut self,
        complete: Complete,
        anchor: usize,
        line: usize,
        problems: &mut Problems,
    ) -> Result<(), ReadError> {
        if anchor > 0 {
            self.keep(anchor, &complete, line)?;
        }
        let Complete {
            value,
            height,
            count,
        } = complete;
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        parent.height = parent.height.max(height);
        parent.count += count;
        match &mut parent.container {
            Container::List(items) => items.push(value),
            Container::Object {
                members,
                key,
                merged,
            } => match key.take() {
                Some((_, true)) if can_merge(&value) => merged.push(value),
                Some((key, _)) => insert(members, key, value, line, problems),
                None => return Err(syntax(line, 1, "a key is not a text")),
            },
        }
        Ok(())
    }

    /// Remembers the value of an anchor.
    fn keep(&mut self, anchor: usize, complete: &Complete, line: usize) -> Result<(), ReadError> {
        self.expand(complete.count, line)?;
        self.anchors.insert(anchor, complete.clone());
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last().map(|open| &open.container),
            Some(Container::Object { key: None, .. })
        )
    }

    fn set_key(&mut self, text: String, is_merge: bool) {
        if let Some(Container::Object { key, .. }) =
            self.open.last_mut().map(|open| &mut open.container)
        {
            *key = Some((text, is_merge));
        }
    }

    fn check_depth(&self, height: usize, line: usize) -> Result<(), ReadError> {
        let limit = self.limits.depth;
        if self.open.len() + height > limit {
            return Err(ReadError::TooDeep { line, limit });
        }
        Ok(())
    }

    fn count(&mut self, count: usize, line: usize) -> Result<(), ReadError> {
        self.values += count;
        let limit = self.limits.values;
        if self.values > limit {
            return Err(ReadError::TooManyValues { line, limit });
        }
        Ok(())
    }

    fn expand(&mut self, count: usize, line: usize) -> Result<(), ReadError> {
        self.alias_values += count;
        let limit = self.limits.alias_values;
        if self.alias_values > limit {
            return Err(ReadError::AliasExpansion { line, limit });
        }
        Ok(())
    }
}

impl Complete {
    fn of(value: Value) -> Self {
        Self {
            value,
            height: 0,
            count: 1,
        }
    }
}

fn insert(
    members: &mut Map<String, Value>,
    key: String,
    value: Value,
    line: usize,
    problems: &mut Problems,
) {
    match members.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
        }
        Entry::Occupied(mut entry) => {
            let kind = ProblemKind::DuplicateMember(entry.key().clone());
            problems.add(Place::Line(line), kind);
            entry.insert(value);
        }
    }
}

fn can_merge(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().all(Value::is_object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Adds the members of the merged objects; the object's own members count, and then those of earlier ones.
fn merge(members: &mut Map<String, Value>, merged: Vec<Value>) {
    for value in merged {
        let objects = match value {
            Value::Array(items) => items,
            object => vec![object],
        };
        for object in objects {
            if let Value::Object(object) = object {
                for (key, value) in object {
                    members.entry(key).or_insert(value);
                }
            }
        }
    }
}
