//! Any text is read or refused, without a panic, also one that is almost a document.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use velvet_rope_openapi::{Document, Limits, Loader, Progress};

/// Documents of a size that allows hundreds of cases.
static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let texts = common::names().into_iter().map(|name| common::text(&name));
    let texts = texts.filter(|text| text.len() < 50_000);
    texts.map(String::into_bytes).collect()
});

/// Characters and words that mean something in JSON, YAML or a description.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    ",",
    "\"",
    "'",
    "\n",
    "\n  ",
    "\t",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "!x",
    "| \n",
    ">-\n",
    "---",
    "...",
    "%YAML 1.2\n",
    "#",
    "\\",
    "\\u12",
    "\0",
    "\u{feff}",
    "openapi: 3.0.0\n",
    "\"openapi\":\"3.1.0\",",
    "\"$ref\":\"#/paths\"",
    "$ref: '#'",
    "paths:",
    "null",
    "-1e9",
    "\"parameters\":",
    "\"security\":[",
    "type: [array]",
    "\u{1f600}",
];

/// Reads the whole document and all that an app may ask for.
fn use_all(text: &str, limits: Limits) {
    let Ok(document) = Document::parse(text, limits) else {
        return;
    };
    let bodies = document
        .operations
        .iter()
        .filter_map(|one| one.body.as_ref());
    for media_type in bodies.flat_map(|body| &body.media_types) {
        let _ = document.example(media_type);
    }
    for problem in &document.problems {
        assert!(!problem.to_string().is_empty());
    }
}

#[derive(Clone, Debug)]
enum Change {
    Byte(prop::sample::Index, u8),
    Delete(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
    Repeat(prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (at(), 1..200_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (at(), prop::sample::select(&PIECES[..])).prop_map(|(at, text)| Change::Insert(at, text)),
        (at(), 1..200_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len();
        if length == 0 {
            break;
        }
        match change {
            Change::Byte(at, byte) => bytes[at.index(length)] = *byte,
            Change::Delete(at, count) => {
                let start = at.index(length);
                bytes.drain(start..(start + count).min(length));
            }
            Change::Insert(at, text) => {
                let start = at.index(length);
                bytes.splice(start..start, text.bytes());
            }
            Change::Repeat(at, count) => {
                let start = at.index(length);
                let part = bytes[start..(start + count).min(length)].to_vec();
                bytes.splice(start..start, part);
            }
        }
    }
    bytes
}

/// Replaces the value at some place of a tree by another one of the tree.
fn swapped(root: &mut Value, from: prop::sample::Index, to: prop::sample::Index) {
    let mut pointers = Vec::new();
    collect(root, String::new(), &mut pointers);
    let value = root
        .pointer(&pointers[from.index(pointers.len())])
        .unwrap()
        .clone();
    *root
        .pointer_mut(&pointers[to.index(pointers.len())])
        .unwrap() = value;
}

fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), pointers);
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                collect(value, format!("{at}/{}", escape(key)), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Document::parse_bytes(&bytes, Limits::default());
        use_all(&String::from_utf8_lossy(&bytes), Limits::default());
    }

    #[test]
    fn arbitrary_pieces_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)
    ) {
        use_all(&pieces.concat(), Limits::default());
    }

    #[test]
    fn documents_with_changed_bytes_are_read_or_refused(
        document in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let bytes = changed(document.get(&DOCUMENTS).clone(), &changes);
        use_all(&String::from_utf8_lossy(&bytes), Limits::default());
    }

    #[test]
    fn documents_with_swapped_values_are_read_or_refused(
        document in any::<prop::sample::Index>(),
        swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..6),
    ) {
        let text = String::from_utf8(document.get(&DOCUMENTS).clone()).unwrap();
        if let Ok(mut root) = serde_json::from_str::<Value>(&text) {
            for (from, to) in swaps {
                swapped(&mut root, from, to);
            }
            use_all(&root.to_string(), Limits::default());
        }
    }

    #[test]
    fn documents_are_read_or_refused_within_any_limits(
        document in any::<prop::sample::Index>(),
        numbers in prop::array::uniform8(prop_oneof![0..50_usize, 0..100_000_usize]),
    ) {
        let [bytes, depth, values, alias_values, expanded_bytes, problems, example_depth, example_values] = numbers;
        let limits = Limits {
            bytes, depth, values, alias_values, expanded_bytes, problems, example_depth, example_values,
        };
        let text = String::from_utf8(document.get(&DOCUMENTS).clone()).unwrap();
        use_all(&text, limits);
    }

    #[test]
    fn json_is_read_as_serde_json_reads_it(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            // Not every number survives being written and read.
            let expected = serde_json::from_str::<Value>(&text).unwrap();
            let text = format!("{{\"swagger\": \"2.0\", \"x\": {text}}}");
            let document = Document::parse(&text, Limits::default()).unwrap();
            prop_assert_eq!(document.value("/x"), Some(&expected));
        }
    }

    #[test]
    fn what_serde_json_refuses_is_refused(
        document in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..3),
    ) {
        let bytes = changed(document.get(&DOCUMENTS).clone(), &changes);
        let text = String::from_utf8_lossy(&bytes);
        let is_json = text.trim_start().starts_with('{');
        prop_assume!(is_json && serde_json::from_str::<Value>(&text).is_err());
        prop_assert!(Document::parse(&text, Limits::default()).is_err());
    }

    #[test]
    fn every_step_ends(document in any::<prop::sample::Index>(), steps in 1..500_usize) {
        let text = String::from_utf8(document.get(&DOCUMENTS).clone()).unwrap();
        let mut loader = Loader::new(&text, Limits::default()).unwrap();
        // A path, a component and a value each take one step at most; each has at least one byte.
        for _ in 0..=text.len() {
            match loader.advance(steps) {
                Ok(Progress::Working(next)) => loader = next,
                Ok(Progress::Done(_)) | Err(_) => return Ok(()),
            }
        }
        prop_assert!(false, "the document is not read");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
