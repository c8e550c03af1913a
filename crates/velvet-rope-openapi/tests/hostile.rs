//! Documents that try to exhaust memory or the stack: each gets a typed error, on a thread with a small stack.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fmt::Write as _, thread};

use velvet_rope_openapi::{Document, Limits, Place, ProblemKind, ReadError};

/// The stack of a thread of the tests, in bytes: less than the megabyte of a WebAssembly module.
const STACK: usize = 512 * 1024;

fn read(text: String) -> Result<Document, ReadError> {
    read_within(text, Limits::default())
}

fn read_within(text: String, limits: Limits) -> Result<Document, ReadError> {
    let thread = thread::Builder::new().stack_size(STACK);
    let reading = move || Document::parse(&text, limits);
    thread.spawn(reading).unwrap().join().unwrap()
}

fn openapi(rest: &str) -> String {
    format!("{{\"openapi\": \"3.0.0\", {rest}}}")
}

#[test]
fn five_thousand_levels_are_too_deep() {
    let limit = Limits::default().depth;
    let error = read(common::text("hostile-deep.json")).unwrap_err();
    assert_eq!(error, ReadError::TooDeep { line: 1, limit });

    for text in [
        "[".repeat(1_000_000),
        openapi(&format!("\"x\": {}", "{\"a\":".repeat(100_000))),
        format!("a: {}", "[".repeat(100_000)),
        format!("a: {}", "{a: ".repeat(5_000)),
        "- ".repeat(5_000),
        "? ".repeat(5_000),
    ] {
        let start = text[..20].to_owned();
        let error = read(text).unwrap_err();
        let is_bounded = matches!(error, ReadError::TooDeep { .. } | ReadError::Syntax { .. });
        assert!(is_bounded, "{start}: {error}");
    }
}

#[test]
fn the_deepest_document_within_the_limit_is_read() {
    let levels = Limits::default().depth - 5;
    for (open, close) in [
        ("{\"items\":", "}"),
        ("{\"allOf\":[", "]}"),
        ("{\"not\":", "}"),
    ] {
        let nested = levels / open.matches(['{', '[']).count();
        let schema = format!(
            "{}{{}}{}",
            open.repeat(nested - 1),
            close.repeat(nested - 1)
        );
        let schemas = format!("\"components\": {{\"schemas\": {{\"Deep\": {schema}}}}}");
        let document = read(openapi(&schemas)).unwrap();
        assert_eq!(document.problems, []);
    }
}

#[test]
fn aliases_that_stand_for_a_billion_values_are_refused() {
    let limit = Limits::default().alias_values;
    let error = read(common::text("hostile-laughs.yaml")).unwrap_err();
    assert_eq!(error, ReadError::AliasExpansion { line: 8, limit });
}

#[test]
fn aliases_do_not_nest_deeper_than_the_limit() {
    let mut text = "openapi: 3.0.0\nx0: &a0 [1]\n".to_owned();
    for level in 1..500 {
        writeln!(text, "x{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    let limit = Limits::default().depth;
    assert_eq!(
        read(text).unwrap_err(),
        ReadError::TooDeep { line: 101, limit }
    );
}

#[test]
fn an_alias_inside_its_own_value_is_an_error() {
    let error = read("openapi: 3.0.0\nx: &a [*a]\n".to_owned()).unwrap_err();
    assert!(
        matches!(error, ReadError::Syntax { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn anchors_in_each_other_count_as_copies() {
    // Each anchor would hold a copy of all that is inside it.
    let items = "1,".repeat(3_000);
    let text = format!("x: {}{items}{}", "&a [".repeat(90), "]".repeat(90));
    let limit = Limits::default().alias_values;
    assert_eq!(
        read(text).unwrap_err(),
        ReadError::AliasExpansion { line: 1, limit }
    );
}

#[test]
fn fifty_megabytes_are_too_large() {
    let limit = Limits::default().bytes;
    let bytes = 50_000_000;
    let text = openapi(&format!("\"x\": \"{}\"", "x".repeat(bytes - 29)));
    let bytes = text.len();
    assert_eq!(
        read(text.clone()).unwrap_err(),
        ReadError::TooLarge { bytes, limit }
    );
    let error = Document::parse_bytes(text.as_bytes(), Limits::default()).unwrap_err();
    assert_eq!(error, ReadError::TooLarge { bytes, limit });
}

#[test]
fn two_million_values_are_too_many() {
    let limit = Limits::default().values;
    for text in [
        openapi(&format!("\"x\": [{}0]", "0,".repeat(limit))),
        format!("openapi: 3.0.0\nx: [{}]", "0,".repeat(limit)),
    ] {
        let error = read(text).unwrap_err();
        assert!(matches!(error, ReadError::TooManyValues { .. }), "{error}");
    }
}

#[test]
fn references_that_multiply_memory_are_refused() {
    let description = "x".repeat(10_000);
    let parameters = (0..100).map(|index| {
        format!("{{\"in\": \"query\", \"name\": \"{index}\", \"description\": \"{description}\"}}")
    });
    let parameters = parameters.collect::<Vec<_>>().join(",");
    let paths = (0..1_000).map(|index| format!("\"/{index}\": {{\"$ref\": \"#/x-item\"}}"));
    let paths = paths.collect::<Vec<_>>().join(",");
    let text = openapi(&format!(
        "\"x-item\": {{\"get\": {{}}, \"put\": {{}}, \"parameters\": [{parameters}]}}, \"paths\": {{{paths}}}"
    ));
    let limit = Limits::default().expanded_bytes;
    assert_eq!(
        read(text).unwrap_err(),
        ReadError::TooMuchExpansion { limit }
    );
}

#[test]
fn references_to_themselves_are_listed() {
    let document = read(common::text("hostile-ref-cycle.json")).unwrap();
    let problems = document.problems.iter().map(|problem| {
        let Place::Pointer(pointer) = &problem.place else {
            panic!("{problem}");
        };
        let ProblemKind::ReferenceCycle(reference) = &problem.kind else {
            panic!("{problem}");
        };
        (pointer.as_str(), reference.as_str())
    });
    let expected = [
        ("/paths/~1a/get/parameters/0", "#/components/parameters/A"),
        ("/paths/~1b", "#/paths/~1b"),
        ("/components/parameters/A", "#/components/parameters/B"),
        ("/components/parameters/B", "#/components/parameters/A"),
    ];
    assert_eq!(problems.collect::<Vec<_>>(), expected);
    assert_eq!(document.operations.len(), 1);
}

#[test]
fn an_example_of_a_recursive_schema_ends() {
    for (name, schema) in [
        (
            "itself",
            "{\"properties\": {\"a\": {\"$ref\": \"#/x\"}, \"b\": {\"type\": \"string\"}}}",
        ),
        (
            "list",
            "{\"type\": \"array\", \"items\": {\"$ref\": \"#/x\"}}",
        ),
        (
            "all of",
            "{\"allOf\": [{\"$ref\": \"#/x\"}, {\"$ref\": \"#/x\"}]}",
        ),
        (
            "one of",
            "{\"oneOf\": [{\"$ref\": \"#/x\"}, {\"type\": \"object\"}]}",
        ),
    ] {
        let body = "{\"content\": {\"application/json\": {\"schema\": {\"$ref\": \"#/x\"}}}}";
        let paths = format!("{{\"/\": {{\"post\": {{\"requestBody\": {body}}}}}}}");
        let document = read(openapi(&format!("\"x\": {schema}, \"paths\": {paths}"))).unwrap();
        let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
        assert!(document.example(media_type).is_some(), "{name}");
    }
}

#[test]
fn an_example_of_a_schema_that_branches_has_a_bounded_size() {
    // Ten members on each of ten levels.
    let mut schemas = "\"L10\": {\"type\": \"string\"}".to_owned();
    for level in 0..10 {
        let reference = format!("{{\"$ref\": \"#/components/schemas/L{}\"}}", level + 1);
        let members = (0..10).map(|member| format!("\"m{member}\": {reference}"));
        let members = members.collect::<Vec<_>>().join(",");
        write!(schemas, ", \"L{level}\": {{\"properties\": {{{members}}}}}").unwrap();
    }
    let body = "{\"content\": {\"application/json\": {\"schema\": {\"$ref\": \"#/components/schemas/L0\"}}}}";
    let text = openapi(&format!(
        "\"paths\": {{\"/\": {{\"post\": {{\"requestBody\": {body}}}}}}}, \"components\": {{\"schemas\": {{{schemas}}}}}"
    ));
    let document = read(text).unwrap();
    let media_type = &document.operations[0].body.as_ref().unwrap().media_types[0];
    let example = document.example(media_type).unwrap().to_string();
    let names = example.matches("\"m").count();
    assert!(
        (1..=Limits::default().example_values).contains(&names),
        "{names}"
    );
}

#[test]
fn problems_beyond_the_limit_are_counted() {
    let paths = (0..30).map(|index| format!("\"/{index}\": 5"));
    let text = openapi(&format!(
        "\"paths\": {{{}}}",
        paths.collect::<Vec<_>>().join(",")
    ));
    let limits = Limits {
        problems: 10,
        ..Limits::default()
    };
    let document = read_within(text, limits).unwrap();
    assert_eq!(
        (document.problems.len(), document.omitted_problems),
        (10, 20)
    );
}

#[test]
fn texts_that_are_no_documents_have_typed_errors() {
    let not_found = ReadError::UnsupportedVersion { found: None };
    let old = ReadError::UnsupportedVersion {
        found: Some("1.2".to_owned()),
    };
    for (text, error) in [
        ("", ReadError::Empty),
        ("\u{feff} \n", ReadError::Empty),
        ("# only a comment", ReadError::Empty),
        ("[]", ReadError::NotAnObject),
        ("hello", ReadError::NotAnObject),
        ("{}", not_found),
        ("swagger: '1.2'", old),
    ] {
        assert_eq!(read(text.to_owned()).unwrap_err(), error, "{text}");
    }
    let error = Document::parse_bytes(b"{\"a\": \"\xff\"}", Limits::default()).unwrap_err();
    assert_eq!(error, ReadError::NotUtf8 { offset: 7 });
}

#[test]
fn errors_of_syntax_have_line_and_column() {
    for (text, line, column) in [
        ("{\n  \"a\": 1,\n}", 3, 1),
        ("{\n  \"a\" 1}", 2, 7),
        ("{\"a\": 01}", 1, 7),
        ("{\"a\": \"\\x\"}", 1, 7),
        ("{\"a\": \"", 1, 7),
        ("{\"a\": nul}", 1, 7),
        ("{\"a\": [1 2]}", 1, 10),
        ("{\"a\": [1}", 1, 9),
        ("{\"a\": 1} x", 1, 10),
        ("{\"a\": 1", 1, 8),
        ("{,}", 1, 2),
        ("a: 1\nb: [1\n", 3, 1),
        ("a: 1\n]", 2, 1),
        ("a: \0", 1, 4),
    ] {
        let error = read(text.to_owned()).unwrap_err();
        let ReadError::Syntax {
            line: at,
            column: in_line,
            ..
        } = error
        else {
            panic!("{text}: {error}");
        };
        assert_eq!((at, in_line), (line, column), "{text}: {error}");
    }
}
