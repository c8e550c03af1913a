//! The request body of an operation.

use serde_json::{Map, Value, json};

use super::{notes::Notes, parameters::Parameters, schema};
use crate::model::{Body, MediaType, SchemaSource, Version};
use crate::pointer::At;

/// The body of `operation`.
pub(crate) fn body(
    root: &Value,
    version: Version,
    operation: &Map<String, Value>,
    parameters: &Parameters<'_>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Option<Body> {
    if version == Version::Swagger2 {
        return swagger(root, operation, parameters, at, notes);
    }
    let at = at.key("requestBody");
    let target = notes.follow(root, operation.get("requestBody")?, &at)?;
    let at = target.at(at);
    let Value::Object(body) = target.value else {
        notes.wrong_type(&at, "a request body");
        return None;
    };
    let content = notes.object(body, "content", &at);
    let mut media_types = Vec::new();
    for (name, value) in content.into_iter().flatten() {
        if notes.is_exhausted() {
            break;
        }
        let at = at.key("content");
        let at = at.key(name);
        let Some(media_type) = notes.follow(root, value, &at) else {
            continue;
        };
        let at = media_type.at(at);
        if !media_type.value.is_object() {
            notes.wrong_type(&at, "a media type");
            continue;
        }
        let schema = media_type.value.get("schema").unwrap_or(&Value::Null);
        let pointer = at.to_string();
        notes.charge(pointer.len());
        media_types.push(MediaType {
            name: notes.copy(name),
            schema: schema::summary(root, schema, notes),
            source: SchemaSource::MediaType(pointer),
        });
    }
    Some(Body {
        is_required: notes.flag(body, "required", &at).unwrap_or_default(),
        description: notes.text(body, "description", &at),
        media_types,
    })
}

fn swagger(
    root: &Value,
    operation: &Map<String, Value>,
    parameters: &Parameters<'_>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Option<Body> {
    if let Some((parameter, pointer)) = &parameters.body {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let at_body = At::Pointer(pointer);
        let media_types = consumed(root, operation, at, notes, "application/json");
        let media_types = media_types.into_iter().map(|name| MediaType {
            name,
            schema: schema::summary(root, schema, notes),
            source: SchemaSource::MediaType(notes.copy(pointer)),
        });
        let media_types = media_types.collect();
        let is_required = notes.flag(parameter, "required", &at_body);
        return Some(Body {
            is_required: is_required.unwrap_or_default(),
            description: notes.text(parameter, "description", &at_body),
            media_types,
        });
    }
    if parameters.form.is_empty() {
        return None;
    }
    let has_file = |(_, field): &(String, &Map<String, Value>)| {
        field.get("type").and_then(Value::as_str) == Some("file")
    };
    let default = if parameters.form.iter().any(has_file) {
        "multipart/form-data"
    } else {
        "application/x-www-form-urlencoded"
    };
    let form = form(parameters, notes);
    let is_required = form.get("required").is_some();
    let media_types = consumed(root, operation, at, notes, default);
    let media_types = media_types.into_iter().map(|name| MediaType {
        name,
        schema: schema::summary(root, &form, notes),
        source: SchemaSource::Form(notes.copy_value(&form)),
    });
    Some(Body {
        is_required,
        description: None,
        media_types: media_types.collect(),
    })
}

/// The media types that an operation of Swagger 2.0 reads.
fn consumed(
    root: &Value,
    operation: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
    default: &str,
) -> Vec<String> {
    let mut consumed = notes.texts(operation, "consumes", at);
    if let (true, Value::Object(document)) = (consumed.is_empty(), root) {
        consumed = notes.texts(document, "consumes", &At::ROOT);
    }
    if consumed.is_empty() {
        consumed.push(default.to_owned());
    }
    consumed
}

/// The schema of the form fields.
fn form(parameters: &Parameters<'_>, notes: &mut Notes) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, field) in &parameters.form {
        if notes.is_exhausted() {
            break;
        }
        let members = [
            "type",
            "format",
            "items",
            "enum",
            "default",
            "example",
            "x-example",
        ];
        let members = members.iter().filter_map(|key| {
            let value = notes.copy_value(field.get(*key)?);
            let key = key.trim_start_matches("x-").to_owned();
            Some((key, value))
        });
        properties.insert(name.clone(), Value::Object(members.collect()));
        if field.get("required") == Some(&Value::Bool(true)) {
            required.push(Value::String(name.clone()));
        }
    }
    let mut form = json!({ "type": "object", "properties": properties });
    if let (false, Value::Object(form)) = (required.is_empty(), &mut form) {
        form.insert("required".to_owned(), Value::Array(required));
    }
    form
}
