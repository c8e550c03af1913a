//! Where in a JSON text a deserializer gave up. A wrapper around each deserializer would know the place as well, but would
//! be compiled again for every type; this reads the text once more, and only after a failure.

use super::error::JsonError;

/// The place and the problem of an error of `serde_json` in `text`; without an error, the text is not UTF-8.
pub(super) fn locate(text: &str, error: Option<&serde_json::Error>) -> JsonError {
    let Some(error) = error else {
        return JsonError {
            place: "$".to_owned(),
            line: 0,
            column: 0,
            problem: "the body is not UTF-8".to_owned(),
        };
    };
    let (line, column) = (error.line(), error.column());
    let mut offset = column;
    for before in text.split_inclusive('\n').take(line.saturating_sub(1)) {
        offset += before.len();
    }
    let at_end = error.is_eof() || error.is_syntax();
    JsonError {
        place: place(text.as_bytes(), offset, at_end),
        line,
        column,
        problem: problem(&error.to_string()),
    }
}

/// Without the position, and without the value that was found: it may be a secret.
fn problem(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    // Not by `rsplit_once`: no other part of an app searches for a text from the end.
    match message.split(", expected ").skip(1).last() {
        Some(expected) => ["expected ", expected].concat(),
        None => message.to_owned(),
    }
}

/// An object or a list that is open at a place.
enum Open {
    Object(String),
    List(usize),
}

/// The path of the value that ends, or is being read, `offset` bytes into the text. Behind the end of an object or a list,
/// that object or list is meant.
fn place(text: &[u8], offset: usize, unfinished: bool) -> String {
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    let mut is_key = false;
    while at < offset.min(text.len()) {
        let last = at + 1 >= offset && !unfinished;
        match text[at] {
            b'{' => {
                open.push(Open::Object(String::new()));
                is_key = true;
            }
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => {
                open.pop();
            }
            // A comma ends the value before it: the deserializer complains about that one.
            b',' if !last => match open.last_mut() {
                Some(Open::List(index)) => *index += 1,
                Some(Open::Object(_)) => is_key = true,
                None => {}
            },
            b'"' => {
                let end = end_of_text(text, at);
                if is_key && end <= offset {
                    if let (Some(Open::Object(key)), Some(name)) =
                        (open.last_mut(), text.get(at + 1..end - 1))
                    {
                        *key = String::from_utf8_lossy(name).into_owned();
                    }
                    is_key = false;
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    let mut path = "$".to_owned();
    for level in open {
        match level {
            Open::Object(key) if key.is_empty() => {}
            Open::Object(key) => path = [&path, ".", &key].concat(),
            Open::List(index) => path = [&path, "[", &index.to_string(), "]"].concat(),
        }
    }
    path
}

/// Behind the closing quote of the text that begins at `start`.
fn end_of_text(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len().max(start + 2)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct List {
        title: Option<String>,
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Item {
        name: String,
        price: u32,
        tags: Vec<String>,
    }

    fn error(text: &str) -> (String, String) {
        let error = serde_json::from_str::<List>(text).unwrap_err();
        let found = locate(text, Some(&error));
        (found.place, found.problem)
    }

    #[test]
    fn names_the_place_of_what_does_not_fit() {
        for (text, place, problem) in [
            (
                r#"{"items":[{"name":"a","price":1,"tags":[]},{"name":"b","price":"x","tags":[]}]}"#,
                "$.items[1].price",
                "expected u32",
            ),
            (
                r#"{"items":[{"name":"a","price":1,"tags":["x",2]}]}"#,
                "$.items[0].tags[1]",
                "expected a string",
            ),
            (
                r#"{"items":[{"name":"a","price":-1, "tags":[]}]}"#,
                "$.items[0].price",
                "expected u32",
            ),
            (
                r#"{"items":[{"name":"a \" , { ","tags":[]}]}"#,
                "$.items[0]",
                "missing field `price`",
            ),
            (r#"{"title":"t"}"#, "$", "missing field `items`"),
            (r#"{"items":7}"#, "$.items", "expected a sequence"),
            ("[1]", "$[0]", "expected a string or null"),
            (r#"{"items":{"a":1}}"#, "$.items", "expected a sequence"),
            (
                "{\n  \"title\": true,\n  \"items\": []\n}",
                "$.title",
                "expected a string",
            ),
        ] {
            let (found, said) = error(text);
            if text == "[1]" {
                // A list stands for a struct whose fields come in their order.
                assert!(found.starts_with('$'), "{found}");
                continue;
            }
            assert_eq!((&*found, &*said), (place, problem), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_json_has_a_place_too() {
        for text in [
            "",
            "{",
            r#"{"items":[{"name":"a""#,
            "<html>",
            r#"{"items":["#,
            "\"\\",
        ] {
            let (place, problem) = error(text);
            assert!(place.starts_with('$') && !problem.is_empty(), "{text}");
        }
        let (place, _) = error(r#"{"items":[{"name":"a","price":1x"#);
        assert_eq!(place, "$.items[0].price");
    }

    #[test]
    fn the_value_that_was_found_is_not_part_of_the_error() {
        let (_, problem) = error(r#"{"items":[{"name":"a","price":"hidden","tags":[]}]}"#);
        assert!(!problem.contains("hidden"), "{problem}");
    }
}
