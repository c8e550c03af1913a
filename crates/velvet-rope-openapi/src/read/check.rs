//! The check of all references and schema types, also of parts that no operation uses.

use serde_json::{Map, Value};

use super::{notes::Notes, schema};
use crate::error::ProblemKind;
use crate::pointer::At;

const TYPES: [&str; 8] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
    // Of form parameters and responses of Swagger 2.0.
    "file",
];

/// Members that hold values of the API, in which `$ref` means nothing. `default` is not among them: it is also the name of
/// a response.
const DATA: [&str; 3] = ["enum", "example", "examples"];
/// Members of a schema with a schema under each name.
const NAMED_SCHEMAS: [&str; 5] = [
    "$defs",
    "definitions",
    "dependentSchemas",
    "patternProperties",
    "properties",
];
/// Members of a schema that are a schema or a list of them.
const SCHEMAS: [&str; 15] = [
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedProperties",
];

/// Checks what is not a schema: paths, operations, parameters, responses. The depth of the document bounds the
/// recursion.
pub(crate) fn object(root: &Value, value: &Value, at: &At<'_>, notes: &mut Notes) {
    if notes.is_exhausted() {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                object(root, item, &at.index(index), notes);
            }
        }
        Value::Object(members) => {
            reference(root, value, members, at, notes);
            for (key, value) in members {
                if is_data(key) {
                    continue;
                }
                let at = at.key(key);
                if key == "schema" {
                    schema(root, value, &at, notes);
                } else {
                    object(root, value, &at, notes);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Checks a schema.
pub(crate) fn schema(root: &Value, value: &Value, at: &At<'_>, notes: &mut Notes) {
    if notes.is_exhausted() {
        return;
    }
    let Value::Object(members) = value else {
        if !value.is_boolean() {
            notes.wrong_type(at, "a schema");
        }
        return;
    };
    reference(root, value, members, at, notes);
    for name in schema::types(members) {
        if !TYPES.contains(&name) {
            notes.problem(at, ProblemKind::UnknownType(name.to_owned()));
        }
    }
    for (key, value) in members {
        let at = at.key(key);
        if NAMED_SCHEMAS.contains(&key.as_str()) {
            let Value::Object(named) = value else {
                notes.wrong_type(&at, "an object");
                continue;
            };
            for (name, value) in named {
                schema(root, value, &at.key(name), notes);
            }
        } else if SCHEMAS.contains(&key.as_str()) {
            if let Value::Array(items) = value {
                for (index, item) in items.iter().enumerate() {
                    schema(root, item, &at.index(index), notes);
                }
            } else {
                schema(root, value, &at, notes);
            }
        }
    }
}

fn reference(
    root: &Value,
    value: &Value,
    members: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) {
    if members.get("$ref").is_some_and(Value::is_string) {
        notes.follow(root, value, at);
    }
}

fn is_data(key: &str) -> bool {
    key.starts_with("x-") || DATA.contains(&key)
}
