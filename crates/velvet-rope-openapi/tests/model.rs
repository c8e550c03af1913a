//! What the model says of a document: servers, parameters, bodies.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use serde_json::{Value, json};
use velvet_rope_openapi::{Document, Location, Method, Operation, Parameter};

fn find<'d>(document: &'d Document, method: Method, path: &str) -> &'d Operation {
    let mut operations = document.operations.iter();
    operations
        .find(|one| one.method == method && one.path == path)
        .unwrap()
}

fn parse(value: &Value) -> Document {
    common::parse(&value.to_string())
}

#[test]
fn servers_have_their_variables_filled_in() {
    let gateway = "https://a1.execute-api.eu-central-1.amazonaws.com";
    for (servers, urls) in [
        (
            json!([{ "url": format!("{gateway}/{{basePath}}"), "variables": { "basePath": { "default": "/prod" } } }]),
            vec![(format!("{gateway}/prod"), Some("prod"))],
        ),
        (
            json!([{ "url": format!("{gateway}/{{basePath}}"), "variables": { "basePath": { "default": "" } } }]),
            vec![(gateway.to_owned(), None)],
        ),
        (
            json!([{ "url": "https://{r}.example.com/{v}", "variables": {
                "r": { "default": "eu", "enum": ["us", "eu"] }, "v": { "default": "v2" },
            } }]),
            vec![
                ("https://eu.example.com/v2".to_owned(), None),
                ("https://us.example.com/v2".to_owned(), None),
            ],
        ),
        (
            json!([{ "url": "/api/v3/" }]),
            vec![("/api/v3".to_owned(), None)],
        ),
        (json!([]), vec![]),
    ] {
        let document = parse(&json!({ "openapi": "3.1.0", "paths": {}, "servers": servers }));
        let found = document
            .servers
            .iter()
            .map(|one| (one.url.clone(), one.stage.as_deref()));
        assert_eq!(found.collect::<Vec<_>>(), urls, "{servers}");
    }
    let server = json!([{ "url": "https://{missing}/" }]);
    let document = parse(&json!({ "openapi": "3.1.0", "paths": {}, "servers": server }));
    assert_eq!(document.servers, []);
    assert_eq!(
        document.problems[0].to_string(),
        "#/servers/0: the server variable `missing` has no value"
    );
}

#[test]
fn servers_of_real_documents_are_found() {
    for (name, url, stage) in [
        (
            "gateway-export-proxy-swagger2.json",
            "https://9qfvnvfyz9.execute-api.us-west-2.amazonaws.com/prod",
            Some("prod"),
        ),
        ("gateway-basepath.yaml", "https://testdomain.com", None),
        ("github.json.gz", "https://api.github.com", None),
        (
            "gateway-importer-apikey-swagger2.json",
            "https://api.uber.com/v1",
            None,
        ),
    ] {
        let documents = common::readable();
        let (_, document) = documents.into_iter().find(|(one, _)| *one == name).unwrap();
        assert_eq!(document.servers[0].url, url);
        assert_eq!(document.servers[0].stage.as_deref(), stage, "{name}");
    }
    let document = common::document("gateway-basepath.yaml");
    assert_eq!(document.servers[1].url, "https://testdomain.com/base-var");
}

#[test]
fn the_any_method_answers_what_no_other_operation_does() {
    let document = common::document("gateway-export-proxy-swagger2.json");
    let any = document
        .operations
        .iter()
        .find(|one| one.method == Method::Any)
        .unwrap();
    assert!(
        any.is_greedy && any.path.ends_with("{proxy+}"),
        "{}",
        any.path
    );
    assert_eq!(any.parameters[0].name, "proxy");
    assert_eq!(any.answers, Method::ANSWERED_BY_ANY);

    let path = json!({ "x-amazon-apigateway-any-method": {}, "get": {}, "post": {} });
    let document = parse(&json!({ "openapi": "3.0.1", "paths": { "/a/{b}": path } }));
    let any = find(&document, Method::Any, "/a/{b}");
    let rest = [
        Method::Delete,
        Method::Head,
        Method::Options,
        Method::Patch,
        Method::Put,
    ];
    assert_eq!(any.answers, rest);
    assert!(!any.is_greedy);
    assert_eq!(
        find(&document, Method::Get, "/a/{b}").answers,
        [Method::Get]
    );
}

#[test]
fn names_from_cloudformation_functions_are_texts() {
    let document = common::document("gateway-iam-swagger2.json");
    assert_eq!(document.title, "${AWS::StackName}");
}

fn parameter<'o>(operation: &'o Operation, name: &str) -> &'o Parameter {
    operation
        .parameters
        .iter()
        .find(|one| one.name == name)
        .unwrap()
}

#[test]
fn parameters_of_the_operation_replace_those_of_the_path() {
    let item = json!({
        "parameters": [
            { "in": "query", "name": "limit", "schema": { "type": "integer" } },
            { "$ref": "#/components/parameters/Trace" },
        ],
        "get": { "parameters": [
            { "in": "query", "name": "limit", "required": true, "example": 5, "schema": { "type": "string", "enum": ["5", "10"] } },
            { "in": "header", "name": "limit", "schema": { "type": ["integer", "null"], "default": 3 } },
        ] },
    });
    let trace = json!({ "in": "header", "name": "trace", "examples": { "one": { "value": "t-1" } }, "schema": {
        "type": "array", "items": { "$ref": "#/components/schemas/Id" },
    } });
    let document = parse(&json!({
        "openapi": "3.1.0", "paths": { "/a/{id}": item },
        "components": { "parameters": { "Trace": trace }, "schemas": { "Id": { "type": "string", "format": "uuid" } } },
    }));
    assert_eq!(document.problems, []);
    let operation = &document.operations[0];
    let places = operation
        .parameters
        .iter()
        .map(|one| (one.name.as_str(), one.location));
    let expected = [
        ("limit", Location::Query),
        ("trace", Location::Header),
        ("limit", Location::Header),
        ("id", Location::Path),
    ];
    assert_eq!(places.collect::<Vec<_>>(), expected);
    let limit = &operation.parameters[0];
    assert!(limit.is_required);
    assert_eq!(limit.example, Some(json!(5)));
    assert_eq!(limit.schema.values, [json!("5"), json!("10")]);
    assert_eq!((limit.style.as_str(), limit.explode), ("form", true));
    let trace = parameter(operation, "trace");
    assert_eq!(trace.schema.kind, "array of string");
    assert_eq!(trace.example, Some(json!("t-1")));
    assert_eq!((trace.style.as_str(), trace.explode), ("simple", false));
    let nullable = &operation.parameters[2].schema;
    assert!(nullable.is_nullable && nullable.kind == "integer");
    assert_eq!(nullable.default, Some(json!(3)));
}

#[test]
fn parameters_of_swagger_have_their_schema_beside_the_name() {
    let document = common::document("petstore-2.0.yaml");
    let find_by_status = find(&document, Method::Get, "/pet/findByStatus");
    let status = parameter(find_by_status, "status");
    assert_eq!(status.schema.kind, "array of string");
    assert_eq!((status.style.as_str(), status.explode), ("form", true));
    assert!(status.is_required);
    let pet_id = parameter(find(&document, Method::Get, "/pet/{petId}"), "petId");
    assert_eq!(
        (pet_id.schema.kind.as_str(), pet_id.schema.format.as_deref()),
        ("integer", Some("int64"))
    );
}

#[test]
fn bodies_of_swagger_are_bodies() {
    let document = common::document("petstore-2.0.yaml");
    let body = find(&document, Method::Post, "/pet").body.as_ref().unwrap();
    let names = body.media_types.iter().map(|one| one.name.as_str());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["application/json", "application/xml"]
    );
    assert!(body.is_required);
    assert_eq!(body.media_types[0].schema.name.as_deref(), Some("Pet"));
    let example = document.example(&body.media_types[0]).unwrap();
    assert_eq!(example["name"], "doggie");
    assert_eq!(example["category"]["name"], "string");

    let upload = find(&document, Method::Post, "/pet/{petId}/uploadImage");
    let media_type = &upload.body.as_ref().unwrap().media_types[0];
    assert_eq!(media_type.name, "multipart/form-data");
    let example = document.example(media_type).unwrap();
    assert_eq!(
        example,
        json!({ "additionalMetadata": "string", "file": "string" })
    );
}
