//! Example bodies made from schemas.

use serde_json::{Map, Value};

use crate::model::{Document, MediaType, SchemaSource};
use crate::read::{example, follow};

impl Document {
    /// An example of a body: the one in the document, else one made from the schema, with each member that is not
    /// read-only. It has at most [`Limits::example_depth`](crate::Limits::example_depth) levels and
    /// [`Limits::example_values`](crate::Limits::example_values) values; a schema in itself ends there. `None` if the
    /// document has neither example nor schema.
    #[must_use]
    pub fn example(&self, media_type: &MediaType) -> Option<Value> {
        if let SchemaSource::MediaType(pointer) = &media_type.source {
            let owner = self.root.pointer(pointer).and_then(Value::as_object);
            if let Some(example) = owner.and_then(|owner| example(&self.root, owner)) {
                return Some(example.clone());
            }
        }
        let mut maker = Maker {
            root: &self.root,
            open: Vec::new(),
            depth: self.limits.example_depth,
            left: self.limits.example_values,
        };
        maker.make(self.schema(media_type)?)
    }

    /// The schema of a body as the document has it, maybe with `$ref`s.
    #[must_use]
    pub fn schema<'v>(&'v self, media_type: &'v MediaType) -> Option<&'v Value> {
        match &media_type.source {
            SchemaSource::MediaType(pointer) => self.root.pointer(pointer)?.get("schema"),
            SchemaSource::Form(schema) => Some(schema),
        }
    }

    /// The value at a JSON pointer (RFC 6901), such as the [`pointer`](crate::Operation::pointer) of an operation.
    #[must_use]
    pub fn value(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }
}

struct Maker<'v> {
    root: &'v Value,
    /// The named schemas that the current one is in.
    open: Vec<String>,
    /// The levels that are left.
    depth: usize,
    /// The values that are left.
    left: usize,
}

impl<'v> Maker<'v> {
    /// An example of `schema`; `None` if there is none within the bounds.
    fn make(&mut self, schema: &'v Value) -> Option<Value> {
        if self.depth == 0 || self.left == 0 {
            return None;
        }
        if let Some(value) = declared(schema) {
            return self.take(value);
        }
        let target = follow(self.root, schema).ok()?;
        let Some(pointer) = target.pointer else {
            return self.deeper(target.value);
        };
        if self.open.contains(&pointer) {
            return None;
        }
        self.open.push(pointer);
        let value = self.deeper(target.value);
        self.open.pop();
        value
    }

    fn deeper(&mut self, schema: &'v Value) -> Option<Value> {
        self.depth -= 1;
        let value = self.of_schema(schema);
        self.depth += 1;
        value
    }

    fn of_schema(&mut self, schema: &'v Value) -> Option<Value> {
        let Value::Object(members) = schema else {
            return (schema == &Value::Bool(true)).then_some(Value::Null);
        };
        if let Some(value) = declared(schema) {
            return self.take(value);
        }
        for key in ["oneOf", "anyOf"] {
            let choices = members.get(key).and_then(Value::as_array);
            let mut choices = choices.into_iter().flatten();
            let has_properties = members.contains_key("properties");
            if let Some(value) = choices.find_map(|choice| self.make(choice))
                && !has_properties
            {
                return Some(value);
            }
        }
        self.left = self.left.saturating_sub(1);
        let kind = kind(members);
        match kind {
            "object" => Some(self.object(members)),
            "array" => {
                let item = members.get("items").and_then(|items| self.make(items));
                Some(Value::Array(Vec::from_iter(item)))
            }
            "string" | "file" => Some(Value::String(text(members).to_owned())),
            "integer" | "number" => {
                let minimum = members.get("minimum").filter(|value| value.is_number());
                Some(minimum.cloned().unwrap_or_else(|| Value::from(0)))
            }
            "boolean" => Some(Value::Bool(true)),
            _ => Some(Value::Null),
        }
    }

    fn object(&mut self, schema: &'v Map<String, Value>) -> Value {
        let mut object = Map::new();
        let parts = schema.get("allOf").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            if let Some(Value::Object(members)) = self.make(part) {
                object.extend(members);
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if self.left == 0 {
                break;
            }
            if property.get("readOnly") == Some(&Value::Bool(true)) {
                continue;
            }
            if let Some(value) = self.make(property) {
                object.insert(name.clone(), value);
            }
        }
        Value::Object(object)
    }

    /// A copy of a value of the document, if there is room for it.
    fn take(&mut self, value: &Value) -> Option<Value> {
        let count = count(value);
        if count > self.left {
            self.left = 0;
            return None;
        }
        self.left -= count;
        Some(value.clone())
    }
}

/// The value that a schema itself gives: its example, constant, default, or first enumerated value.
fn declared(schema: &Value) -> Option<&Value> {
    let first = |key: &str| schema.get(key)?.as_array()?.first();
    schema
        .get("example")
        .or_else(|| first("examples"))
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("default"))
        .or_else(|| first("enum"))
}

fn kind(schema: &Map<String, Value>) -> &str {
    let named = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null")
        }
        _ => None,
    };
    let has = |key: &str| schema.contains_key(key);
    match named {
        Some(name) => name,
        None if has("properties") || has("allOf") || has("additionalProperties") => "object",
        None if has("items") => "array",
        None => "null",
    }
}

/// An example of a text, by its format (JSON Schema Validation, section 7.3).
fn text(schema: &Map<String, Value>) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("date") => "2026-01-31",
        Some("time") => "12:00:00Z",
        Some("email") => "user@example.com",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("uri" | "url") => "https://example.com",
        Some("hostname") => "example.com",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some(_) | None => "string",
    }
}

/// The values in a value, with itself.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
    }
}
