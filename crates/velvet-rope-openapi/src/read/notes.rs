//! What is noted while a document is read: its problems, and the memory that the model has taken.

use serde_json::{Map, Value};

use crate::error::{Place, ProblemKind, Problems, ReadError};
use crate::limits::Limits;
use crate::pointer::{At, of_fragment};

/// References that are followed one after the other. Documents have one or two.
const MOST_REFERENCES: usize = 32;

/// What a reference to itself counts as, in bytes: it takes [`MOST_REFERENCES`] look-ups.
const CYCLE: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Notes {
    pub(crate) problems: Problems,
    /// In bytes, an estimate.
    spent: usize,
    limit: usize,
}

/// A value after its `$ref`s.
#[derive(Clone, Debug)]
pub(crate) struct Target<'v> {
    pub(crate) value: &'v Value,
    /// The pointer of the value, if there was a `$ref`.
    pub(crate) pointer: Option<String>,
}

impl Target<'_> {
    pub(crate) fn at<'b>(&'b self, at: At<'b>) -> At<'b> {
        self.pointer.as_deref().map_or(at, At::Pointer)
    }
}

impl Notes {
    pub(crate) fn new(problems: Problems, limits: &Limits) -> Self {
        Self {
            problems,
            spent: 0,
            limit: limits.expanded_bytes,
        }
    }

    pub(crate) fn problem(&mut self, at: &At<'_>, kind: ProblemKind) {
        let pointer = at.to_string();
        self.charge(pointer.len() / 8 + 8);
        self.problems.add(Place::Pointer(pointer), kind);
    }

    pub(crate) fn wrong_type(&mut self, at: &At<'_>, expected: &'static str) {
        self.problem(at, ProblemKind::WrongType { expected });
    }

    /// Counts memory of the model.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(bytes);
    }

    /// Whether reading must stop. Loops whose length a `$ref` multiplies ask before each round.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.spent > self.limit
    }

    /// # Errors
    /// When the model has taken more memory than it may.
    pub(crate) fn check(&self) -> Result<(), ReadError> {
        if self.is_exhausted() {
            return Err(ReadError::TooMuchExpansion { limit: self.limit });
        }
        Ok(())
    }

    /// A copy of a text.
    pub(crate) fn copy(&mut self, text: &str) -> String {
        self.charge(text.len() + 32);
        if self.is_exhausted() {
            return String::new();
        }
        text.to_owned()
    }

    /// A copy of a value.
    pub(crate) fn copy_value(&mut self, value: &Value) -> Value {
        self.charge(size(value));
        if self.is_exhausted() {
            return Value::Null;
        }
        value.clone()
    }

    /// The text under `key`. Numbers and CloudFormation functions, which templates have in place of texts, are written as
    /// texts.
    pub(crate) fn text(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        at: &At<'_>,
    ) -> Option<String> {
        match object.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(self.copy(text)),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            value => {
                let text = cloudformation(value).map(|text| self.copy(&text));
                if text.is_none() {
                    self.wrong_type(&at.key(key), "a text");
                }
                text
            }
        }
    }

    /// The boolean under `key`.
    pub(crate) fn flag(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        at: &At<'_>,
    ) -> Option<bool> {
        match object.get(key)? {
            Value::Null => None,
            Value::Bool(value) => Some(*value),
            _ => {
                self.wrong_type(&at.key(key), "true or false");
                None
            }
        }
    }

    /// The object under `key`.
    pub(crate) fn object<'v>(
        &mut self,
        object: &'v Map<String, Value>,
        key: &str,
        at: &At<'_>,
    ) -> Option<&'v Map<String, Value>> {
        match object.get(key)? {
            Value::Null => None,
            Value::Object(value) => Some(value),
            _ => {
                self.wrong_type(&at.key(key), "an object");
                None
            }
        }
    }

    /// The list under `key`; empty if there is none.
    pub(crate) fn list<'v>(
        &mut self,
        object: &'v Map<String, Value>,
        key: &str,
        at: &At<'_>,
    ) -> &'v [Value] {
        match object.get(key) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.wrong_type(&at.key(key), "a list");
                &[]
            }
        }
    }

    /// The texts in the list under `key`.
    pub(crate) fn texts(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        at: &At<'_>,
    ) -> Vec<String> {
        let mut texts = Vec::new();
        for (index, item) in self.list(object, key, at).iter().enumerate() {
            if self.is_exhausted() {
                break;
            }
            match item {
                Value::String(text) => texts.push(self.copy(text)),
                _ => self.wrong_type(&at.key(key).index(index), "a text"),
            }
        }
        texts
    }

    /// The value after its `$ref`s. If that fails, it is a problem at `at`.
    pub(crate) fn follow<'v>(
        &mut self,
        root: &'v Value,
        value: &'v Value,
        at: &At<'_>,
    ) -> Option<Target<'v>> {
        let target = self.follow_unlisted(root, value);
        target.map_err(|kind| self.problem(at, kind)).ok()
    }

    /// The value after its `$ref`s, where a failure is listed elsewhere.
    pub(crate) fn follow_unlisted<'v>(
        &mut self,
        root: &'v Value,
        value: &'v Value,
    ) -> Result<Target<'v>, ProblemKind> {
        let reference = value.get("$ref").and_then(Value::as_str);
        self.charge(reference.map_or(0, str::len));
        let target = follow(root, value);
        if matches!(target, Err(ProblemKind::ReferenceCycle(_))) {
            self.charge(CYCLE);
        }
        target
    }
}

/// The value after its `$ref`s.
///
/// # Errors
/// When one refers to nothing, to another document, or to itself.
pub(crate) fn follow<'v>(root: &'v Value, value: &'v Value) -> Result<Target<'v>, ProblemKind> {
    let mut target = Target {
        value,
        pointer: None,
    };
    for _ in 0..=MOST_REFERENCES {
        let Some(reference) = target.value.get("$ref").and_then(Value::as_str) else {
            return Ok(target);
        };
        let Some(fragment) = reference.strip_prefix('#') else {
            return Err(ProblemKind::ExternalReference(reference.to_owned()));
        };
        let found = of_fragment(fragment).and_then(|pointer| {
            let value = root.pointer(&pointer)?;
            let pointer = Some(pointer.into_owned());
            Some(Target { value, pointer })
        });
        target = found.ok_or_else(|| ProblemKind::DanglingReference(reference.to_owned()))?;
    }
    let reference = value.get("$ref").and_then(Value::as_str);
    let reference = reference.unwrap_or_default().to_owned();
    Err(ProblemKind::ReferenceCycle(reference))
}

/// The text that a function of CloudFormation stands for, with `${…}` in place of what only a stack knows.
fn cloudformation(value: &Value) -> Option<String> {
    if let Some(Value::String(name)) = value.get("Ref") {
        return Some(format!("${{{name}}}"));
    }
    match value.get("Fn::Sub")? {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first()?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The memory of a value in bytes, an estimate.
fn size(value: &Value) -> usize {
    32 + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| key.len() + 48 + size(value))
            .sum(),
    }
}
