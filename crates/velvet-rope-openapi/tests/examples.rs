//! Examples of bodies, made from schemas.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use serde_json::{Value, json};
use velvet_rope_openapi::{Document, Limits};

fn parse(value: &Value) -> Document {
    common::parse(&value.to_string())
}

#[test]
fn examples_are_made_from_schemas() {
    for (schema, example) in [
        (
            json!({ "type": "string", "format": "date" }),
            json!("2026-01-31"),
        ),
        (json!({ "type": "integer", "minimum": 7 }), json!(7)),
        (json!({ "type": ["null", "boolean"] }), json!(true)),
        (json!({ "enum": ["b", "a"] }), json!("b")),
        (json!({ "const": 4 }), json!(4)),
        (json!({ "type": "string", "examples": ["x"] }), json!("x")),
        (json!({ "items": { "type": "number" } }), json!([0])),
        (
            json!({ "oneOf": [{ "type": "string" }, { "type": "number" }] }),
            json!("string"),
        ),
        (
            json!({ "properties": {
                "id": { "type": "integer", "readOnly": true }, "name": { "type": "string", "default": "n" },
            } }),
            json!({ "name": "n" }),
        ),
        (
            json!({ "allOf": [{ "properties": { "a": { "type": "integer" } } }], "properties": { "b": { "type": "boolean" } } }),
            json!({ "a": 0, "b": true }),
        ),
    ] {
        let body = json!({ "content": { "application/json": { "schema": schema } } });
        let document =
            json!({ "openapi": "3.1.0", "paths": { "/": { "post": { "requestBody": body } } } });
        let document = parse(&document);
        let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
        assert_eq!(document.example(media_type), Some(example), "{schema}");
    }
}

#[test]
fn the_example_of_the_document_comes_first() {
    let content = json!({ "application/json": { "examples": { "e": { "$ref": "#/components/examples/E" } }, "schema": {} } });
    let document = parse(&json!({
        "openapi": "3.0.0", "paths": { "/": { "post": { "requestBody": { "content": content } } } },
        "components": { "examples": { "E": { "value": { "a": 1 } } } },
    }));
    let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
    assert_eq!(document.example(media_type), Some(json!({ "a": 1 })));
}

#[test]
fn the_limits_of_an_example_hold_for_values_of_the_document() {
    let schema =
        json!({ "properties": { "a": { "default": [1, 2, 3] }, "b": { "type": "string" } } });
    let body = json!({ "content": { "application/json": { "schema": schema } } });
    let root = json!({ "openapi": "3.0.0", "paths": { "/": { "post": { "requestBody": body } } } });
    let limits = Limits {
        example_values: 4,
        ..Limits::default()
    };
    let document = Document::parse(&root.to_string(), limits).unwrap();
    let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
    assert_eq!(document.example(media_type), Some(json!({})));
}

#[test]
fn the_values_of_an_example_are_counted_together() {
    let schema =
        json!({ "properties": { "a": { "default": [1, 2, 3] }, "b": { "default": [1] } } });
    let body = json!({ "content": { "application/json": { "schema": schema } } });
    let root = json!({ "openapi": "3.0.0", "paths": { "/": { "post": { "requestBody": body } } } });
    let limits = Limits {
        example_values: 6,
        ..Limits::default()
    };
    let document = Document::parse(&root.to_string(), limits).unwrap();
    let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
    assert_eq!(
        document.example(media_type),
        Some(json!({ "a": [1, 2, 3] }))
    );
}

#[test]
fn an_example_leaves_out_a_schema_inside_itself() {
    let body = json!({ "content": { "application/json": { "schema": { "$ref": "#/x" } } } });
    let schema = json!({ "properties": { "a": { "$ref": "#/x" }, "b": { "type": "string" } } });
    let paths = json!({ "/": { "post": { "requestBody": body } } });
    let document = parse(&json!({ "openapi": "3.0.0", "paths": paths, "x": schema }));
    let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
    assert_eq!(document.example(media_type), Some(json!({ "b": "string" })));
}
