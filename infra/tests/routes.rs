//! Each route demands what it should, and a browser may call it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use infra::Template;
use serde_json::{Value, json};

const PREFLIGHT: &str =
    "IntegrationResponses/0/ResponseParameters/method.response.header.Access-Control-Allow-Methods";

/// The methods of a template by their resource, each with its properties.
fn methods(template: &Template) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut found = BTreeMap::<_, BTreeMap<_, _>>::new();
    for (_, method) in template.resources("AWS::ApiGateway::Method") {
        let properties = &method["Properties"];
        let name = properties["HttpMethod"].as_str().unwrap().to_owned();
        let methods = found
            .entry(properties["ResourceId"].to_string())
            .or_default();
        methods.insert(name, properties.clone());
    }
    found
}

/// A browser sends none of the methods that the answer to its preflight does not name.
#[test]
fn every_preflight_names_the_methods_of_its_route() {
    let mut preflights = 0;
    for template in Template::all().unwrap() {
        for (resource, methods) in methods(&template) {
            let Some(preflight) = methods.get("OPTIONS") else {
                continue;
            };
            preflights += 1;
            let allowed = preflight["Integration"].pointer(&format!("/{PREFLIGHT}"));
            let allowed = allowed.unwrap().as_str().unwrap().trim_matches('\'');
            let allowed: BTreeSet<_> = allowed.split(',').collect();
            let declared: BTreeSet<_> = methods.keys().map(String::as_str).collect();
            assert_eq!(allowed, declared, "{}: {resource}", template.file);
            assert_eq!(preflight["AuthorizationType"], "NONE");
        }
    }
    assert!(preflights > 8, "{preflights}");
}

#[test]
fn every_route_of_the_to_do_list_demands_a_signature_and_the_role_allows_them_all() {
    let template = Template::read("todo.yaml").unwrap();
    let mut signed = 0;
    for (resource, methods) in methods(&template) {
        for (name, method) in methods.iter().filter(|(name, _)| *name != "OPTIONS") {
            signed += 1;
            assert_eq!(method["AuthorizationType"], "AWS_IAM", "{resource} {name}");
            assert_eq!(method["ApiKeyRequired"], true, "{resource} {name}");
        }
    }
    assert_eq!(signed, 6);
    let access = Template::read("access.yaml").unwrap();
    let role =
        access.at("Resources/AuthenticatedRole/Properties/Policies/0/PolicyDocument/Statement/0");
    let allowed = role.unwrap()["Resource"].as_array().unwrap().iter();
    let allowed: Vec<_> = allowed
        .filter_map(|resource| resource.pointer("/Fn::If/1/Fn::Sub")?.as_str())
        .filter_map(|arn| arn.split_once("${ApiStageName}/"))
        .map(|(_, route)| route)
        .filter(|route| route.contains("todos"))
        .collect();
    assert_eq!(
        allowed,
        [
            "GET/todos",
            "POST/todos",
            "PUT/todos/*",
            "DELETE/todos/*",
            "GET/todos/*"
        ]
    );
}

/// Of any other type, API Gateway replaces what is not UTF-8.
#[test]
fn bytes_pass_the_api_where_there_are_attachments() {
    let template = Template::read("template.yaml").unwrap();
    let types = template.at("Resources/RestApi/Properties/BinaryMediaTypes");
    assert_eq!(
        types,
        Some(&json!({
            "Fn::If": ["HasTodo", ["application/octet-stream"], { "Ref": "AWS::NoValue" }]
        }))
    );
}
