//! Schemas in short.

use serde_json::{Map, Value};

use super::notes::{Notes, follow};
use crate::model::SchemaSummary;

/// Lists in lists whose items a summary names.
const MOST_LISTS: usize = 3;
/// Values of an enumeration in a summary.
const MOST_VALUES: usize = 100;

/// The summary of a schema, or of a parameter of Swagger 2.0, which is a schema itself.
pub(crate) fn summary(root: &Value, schema: &Value, notes: &mut Notes) -> SchemaSummary {
    notes.charge(128);
    let mut summary = SchemaSummary {
        kind: kind(root, schema, MOST_LISTS),
        ..SchemaSummary::default()
    };
    notes.charge(summary.kind.len());
    // A `$ref` that fails is listed by the check of the whole document.
    let Ok(target) = notes.follow_unlisted(root, schema) else {
        return summary;
    };
    if let Some(pointer) = &target.pointer {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        summary.name = Some(name.replace("~1", "/").replace("~0", "~"));
    }
    let Value::Object(members) = target.value else {
        return summary;
    };
    if let Some(Value::String(format)) = members.get("format") {
        summary.format = Some(notes.copy(format));
    }
    summary.is_nullable = is_nullable(members);
    if let Some(Value::Array(values)) = members.get("enum") {
        let values = values.iter().take(MOST_VALUES);
        summary.values = values.map(|value| notes.copy_value(value)).collect();
    } else if let Some(value) = members.get("const") {
        summary.values = vec![notes.copy_value(value)];
    }
    // OpenAPI 3.1 allows members beside `$ref`.
    let default = schema.get("default").or_else(|| members.get("default"));
    summary.default = default.map(|value| notes.copy_value(value));
    summary
}

fn is_nullable(schema: &Map<String, Value>) -> bool {
    let by_flag = ["nullable", "x-nullable"]
        .iter()
        .any(|key| schema.get(*key) == Some(&Value::Bool(true)));
    let by_type = types(schema).any(|name| name == "null");
    by_flag || by_type
}

/// The names in `type`: one in OpenAPI 3.0, any number in 3.1.
pub(crate) fn types(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let value = schema.get("type");
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        other => other.map(std::slice::from_ref).unwrap_or_default(),
    };
    items.iter().filter_map(Value::as_str)
}

fn kind(root: &Value, schema: &Value, lists: usize) -> String {
    let Ok(target) = follow(root, schema) else {
        return "any".to_owned();
    };
    let Value::Object(members) = target.value else {
        return "any".to_owned();
    };
    // A document could list a type a thousand times.
    let named = types(members).filter(|name| *name != "null").take(7);
    let named = named.map(|name| match name {
        "array" => list_kind(root, members, lists),
        name => name.chars().take(40).collect(),
    });
    let named = named.collect::<Vec<_>>();
    if !named.is_empty() {
        return named.join(" | ");
    }
    let has = |key: &str| members.contains_key(key);
    if has("properties") || has("additionalProperties") || has("allOf") {
        "object".to_owned()
    } else if has("items") || has("prefixItems") {
        list_kind(root, members, lists)
    } else if has("oneOf") {
        "one of".to_owned()
    } else if has("anyOf") {
        "any of".to_owned()
    } else {
        let values = members.get("enum").and_then(Value::as_array);
        let first = values.and_then(|values| values.first());
        of_value(first.or_else(|| members.get("const"))).to_owned()
    }
}

fn list_kind(root: &Value, schema: &Map<String, Value>, lists: usize) -> String {
    match schema.get("items") {
        Some(items @ Value::Object(_)) if lists > 0 => {
            format!("array of {}", kind(root, items, lists - 1))
        }
        _ => "array".to_owned(),
    }
}

fn of_value(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Null) => "any",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}
