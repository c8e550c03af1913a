//! Every document of `tests/data/openapi`, with the counts of `expected.json`.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use velvet_rope_openapi::{
    Amount, Document, Limits, Loader, Operation, Progress, Protection, SchemeUse, Version,
};

/// The names that `expected.json` has for what protects.
fn label(protection: &Protection) -> &'static str {
    match protection {
        Protection::ApiKey(key) if key.is_of_gateway() => "api_key",
        Protection::ApiKey(_) => "apiKey",
        Protection::Iam => "iam",
        Protection::CognitoUserPool => "cognito_user_pools",
        Protection::LambdaAuthorizer(_) => "custom",
        Protection::Http(_) => "http",
        Protection::OAuth2 => "oauth2",
        Protection::OpenIdConnect => "openIdConnect",
        _ => "?",
    }
}

/// The names of `expected.json` for the types of security schemes.
fn type_label(protection: &Protection) -> &'static str {
    match label(protection) {
        "api_key" => "apiKey",
        "iam" => "awsSigv4",
        other => other,
    }
}

fn protections(document: &Document, operation: &Operation) -> String {
    let is_defined = |used: &SchemeUse| {
        let mut schemes = document.security_schemes.iter();
        schemes.any(|scheme| scheme.name == used.name)
    };
    let labels = operation.security.iter().flatten().map(|used| {
        if is_defined(used) {
            label(&used.protection)
        } else {
            "?"
        }
    });
    let labels = labels.collect::<BTreeSet<_>>();
    if labels.is_empty() {
        "none".to_owned()
    } else {
        Vec::from_iter(labels).join("+")
    }
}

fn counted<T: Ord + Into<String>>(items: impl Iterator<Item = T>) -> Value {
    let mut counts = BTreeMap::<T, usize>::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    let counts = counts
        .into_iter()
        .map(|(key, count)| (key.into(), json!(count)));
    Value::Object(counts.collect())
}

fn counts(document: &Document) -> Value {
    let operations = &document.operations;
    let methods = operations
        .iter()
        .map(|one| one.method.as_str().to_lowercase());
    let schemes = document.security_schemes.iter();
    let schemes = schemes.map(|one| (one.name.clone(), json!(type_label(&one.protection))));
    let tags = operations.iter().flat_map(|one| &one.tags);
    let version = document.value("/openapi").or(document.value("/swagger"));
    json!({
        "operations": counted(methods),
        "operations_by_protection": counted(operations.iter().map(|one| protections(document, one))),
        "operations_total": operations.len(),
        "paths": document.path_count,
        "security_schemes": schemes.collect::<Map<_, _>>(),
        "tags_used": tags.collect::<BTreeSet<_>>().len(),
        "version": version,
        "webhooks": document.webhook_count,
    })
}

#[test]
fn every_document_has_the_expected_counts() {
    let expected = common::text("expected.json");
    let expected = serde_json::from_str::<BTreeMap<String, Value>>(&expected).unwrap();
    let counts = common::readable().map(|(name, document)| (name.to_owned(), counts(document)));
    let counts = counts.collect::<BTreeMap<_, _>>();
    for (name, expected) in &expected {
        assert_eq!(counts.get(name), Some(expected), "{name}");
    }
    let mut unreadable = common::names();
    unreadable.retain(|name| !counts.contains_key(name));
    assert_eq!(unreadable, ["hostile-deep.json", "hostile-laughs.yaml"]);
    assert_eq!(counts.len(), expected.len());
}

#[test]
fn only_documents_with_faults_have_problems() {
    let faulty = ["broken-in-part.json", "hostile-ref-cycle.json"];
    for (name, document) in common::readable() {
        let problems = document.problems.iter().map(ToString::to_string);
        let problems = problems.collect::<Vec<_>>();
        assert_eq!(
            !problems.is_empty(),
            faulty.contains(&name),
            "{name}: {problems:#?}"
        );
        assert_eq!(document.omitted_problems, 0, "{name}");
    }
}

#[test]
fn the_amount_grows_to_the_whole_text_and_to_all_parts() {
    for name in ["petstore-3.0.json", "petstore-2.0.yaml"] {
        let text = common::text(name);
        let mut loader = Loader::new(&text, Limits::default()).unwrap();
        let (mut bytes, mut parts) = (vec![0], vec![0]);
        loop {
            match loader.amount() {
                Amount::Text { done, total } => {
                    assert_eq!(total, text.len(), "{name}");
                    bytes.push(done);
                }
                Amount::Parts { done, total } => {
                    assert!(done <= total, "{name}");
                    parts.push(done);
                }
            }
            match loader.advance(50).unwrap() {
                Progress::Working(next) => loader = next,
                Progress::Done(_) => break,
            }
        }
        assert!(bytes.is_sorted() && parts.is_sorted(), "{name}");
        let last = *bytes.last().unwrap();
        assert!(
            last > text.len() / 2 && last <= text.len(),
            "{name}: {last}"
        );
        assert!(bytes.len() > 10 && parts.len() > 10, "{name}");
    }
}

#[test]
fn steps_of_any_size_read_the_same() {
    for name in [
        "petstore-2.0.yaml",
        "broken-in-part.json",
        "galaxy-3.1.yaml",
    ] {
        let text = common::text(name);
        let whole = Document::parse(&text, Limits::default()).unwrap();
        for steps in [0, 1, 7, 1_000] {
            let mut loader = Loader::new(&text, Limits::default()).unwrap();
            let mut pauses = 0;
            let document = loop {
                match loader.advance(steps).unwrap() {
                    Progress::Working(next) => loader = next,
                    Progress::Done(document) => break document,
                }
                pauses += 1;
            };
            assert!(pauses > 100 || steps > 7, "{name} in {pauses} pauses");
            assert_eq!(
                document.operations, whole.operations,
                "{name} in steps of {steps}"
            );
            assert_eq!(
                document.problems, whole.problems,
                "{name} in steps of {steps}"
            );
        }
    }
}

#[test]
fn ids_are_unique_and_every_pointer_leads_to_its_operation() {
    for (name, document) in common::readable() {
        let mut ids = BTreeSet::new();
        for operation in &document.operations {
            assert!(ids.insert(&operation.id), "{name}: {}", operation.id);
            let value = document.value(&operation.pointer);
            assert!(
                value.is_some_and(Value::is_object),
                "{name}: {}",
                operation.pointer
            );
        }
    }
}

#[test]
fn every_body_with_a_schema_has_an_example_within_the_bounds() {
    for (name, document) in common::readable() {
        let bodies = document
            .operations
            .iter()
            .filter_map(|one| one.body.as_ref());
        for media_type in bodies.flat_map(|body| &body.media_types) {
            let dangles = document.schema(media_type).is_none();
            let example = document.example(media_type);
            assert_eq!(example.is_none(), dangles, "{name}: {media_type:?}");
        }
    }
}

#[test]
fn versions_are_told_apart() {
    for (name, version) in [
        ("petstore-2.0.yaml", Version::Swagger2),
        ("petstore-3.0.json", Version::OpenApi30),
        ("galaxy-3.1.yaml", Version::OpenApi31),
    ] {
        assert_eq!(common::document(name).version, version, "{name}");
    }
}

/// Prints how long the largest document takes: `cargo test -p velvet-rope-openapi --release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, without an assertion about time"]
#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures and prints"
)]
fn bench_the_largest_documents() {
    for name in ["github.json.gz", "adyen-3.1.yaml", "readme-3.1.json"] {
        let text = common::text(name);
        let start = std::time::Instant::now();
        let document = Document::parse(&text, Limits::default()).unwrap();
        let whole = start.elapsed();

        let mut longest = std::time::Duration::ZERO;
        let mut loader = Loader::new(&text, Limits::default()).unwrap();
        let mut pauses = 0;
        loop {
            let start = std::time::Instant::now();
            let progress = loader.advance(5_000).unwrap();
            longest = longest.max(start.elapsed());
            pauses += 1;
            match progress {
                Progress::Working(next) => loader = next,
                Progress::Done(_) => break,
            }
        }
        println!(
            "{name}: {} bytes, {} operations in {whole:?}; in {pauses} steps of 5,000, the longest {longest:?}",
            text.len(),
            document.operations.len(),
        );
    }
}
