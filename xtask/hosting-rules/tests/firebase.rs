//! `infra/firebase.json` says what the rules say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use hosting_rules::{Destinations, Headers, PLACEHOLDER_FILE, Page, firebase_json};
use serde_json::Value;

fn committed() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/firebase.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn the_committed_file_is_the_generated_one() {
    let destinations =
        Destinations::of(include_str!("../../../public/config.example.json")).unwrap();
    let headers = Headers::new(&Page::placeholder(), &destinations);
    let expected = firebase_json(&headers, &[PLACEHOLDER_FILE]);
    assert_eq!(
        committed(),
        expected,
        "out of date: run `cargo xtask host template`"
    );
}

#[test]
fn every_rule_names_its_addresses_once() {
    let committed = committed();
    let hosting = &committed["hosting"];
    let rules = ["headers", "rewrites"].map(|key| hosting[key].as_array().unwrap());
    for rule in rules.into_iter().flatten() {
        let named = ["source", "regex"].map(|key| usize::from(rule[key].is_string()));
        assert_eq!(named.iter().sum::<usize>(), 1, "{rule}");
    }
}
