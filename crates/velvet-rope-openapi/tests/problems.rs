//! What is wrong in a document that can be read, and where.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use serde_json::json;

#[test]
fn what_is_wrong_in_a_document_is_listed_by_place() {
    let document = common::document("broken-in-part.json");
    let problems = document.problems.iter().map(ToString::to_string);
    let expected = [
        "#/paths/~1pet/post/requestBody: `#/components/requestBodies/DoesNotExist` does not exist",
        "#/paths/~1pet/put/operationId: the operationId `addPet` is not unique",
        "#/paths/~1params~1{id}/get/parameters/0: unknown parameter location `nowhere`",
        "#/paths/~1params~1{id}/get/parameters/1: expected a parameter",
        "#/paths/~1params~1{id}/get/parameters/2: `name` is missing",
        "#/paths/no-slash: the path does not begin with a slash",
        "#/paths/~1text: expected a path item",
        "#/paths/~1list: expected a path item",
        "#/paths/~1null: expected a path item",
        "#/components/schemas/Odd: unknown type `quaternion`",
    ];
    let mut problems = problems.collect::<Vec<_>>();
    let mut expected = expected.map(str::to_owned);
    problems.sort();
    expected.sort();
    assert_eq!(problems, expected);
    let ids = document.operations.iter().map(|one| one.id.as_str());
    let ids = ids.filter(|id| id.starts_with("PUT") || *id == "addPet");
    assert_eq!(ids.collect::<Vec<_>>(), ["addPet", "PUT /pet"]);
}

#[test]
fn references_to_other_documents_are_listed() {
    let schema = json!({ "$ref": "other.yaml#/Pet" });
    let body = json!({ "content": { "application/json": { "schema": schema } } });
    let paths = json!({ "/": { "post": { "requestBody": body, "responses": { "200": { "$ref": "#anchor" } } } } });
    let document = common::parse(&json!({ "openapi": "3.1.0", "paths": paths }).to_string());
    let problems = document.problems.iter().map(ToString::to_string);
    let expected = [
        "#/paths/~1/post/responses/200: `#anchor` does not exist",
        "#/paths/~1/post/requestBody/content/application~1json/schema: `other.yaml#/Pet` refers to another document",
    ];
    assert_eq!(problems.collect::<Vec<_>>(), expected);
    assert_eq!(document.operations[0].responses[0].status, "200");
}

#[test]
fn yaml_that_is_no_json_is_read() {
    let text = "
%YAML 1.2
---
swagger: 2.0
x-base: &base { summary: shared, deprecated: true }
paths:
  /a:
    get:
      <<: *base
      deprecated: false
      operationId: !Sub 12
      responses:
        200: { description: >-
                 two
                 lines }
        default: { description: '' }
    get: { summary: again }
---
second: document
";
    let document = common::parse(text.trim_start());
    let problems = document.problems.iter().map(ToString::to_string);
    let expected = [
        "line 16: the member `get` is repeated",
        "line 17: only the first YAML document is read",
    ];
    assert_eq!(problems.collect::<Vec<_>>(), expected);
    assert_eq!(document.operations[0].summary.as_deref(), Some("again"));

    let text = text.replace("    get: { summary: again }\n", "");
    let document = common::parse(text.trim_start());
    let operation = &document.operations[0];
    assert_eq!(operation.summary.as_deref(), Some("shared"));
    assert!(!operation.is_deprecated);
    assert_eq!(operation.id, "12");
    let statuses = operation.responses.iter().map(|one| one.status.as_str());
    assert_eq!(statuses.collect::<Vec<_>>(), ["200", "default"]);
}
