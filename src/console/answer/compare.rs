//! Two answers side by side.

use crate::components::json::pretty;
use similar::{ChangeTag, TextDiff};
use velvet_rope::Answer;

/// Longer bodies are compared up to here: the comparison takes time that grows with the square of the differences.
const COMPARED: usize = 200 << 10;

/// A line of the comparison: the text at the left and at the right; `None` where one side has no such line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
}

impl Line {
    pub(super) fn is_equal(&self) -> bool {
        self.left == self.right
    }
}

/// The lines of two texts. Lines that differ stand side by side.
pub(super) fn compare(left: &str, right: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(left, right);
    let mut lines: Vec<Line> = Vec::new();
    // The first line of the current block that has nothing at the right yet.
    let mut open = 0;
    for change in diff.iter_all_changes() {
        let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
        match change.tag() {
            ChangeTag::Equal => {
                lines.push(Line {
                    left: Some(text.clone()),
                    right: Some(text),
                });
                open = lines.len();
            }
            ChangeTag::Delete => lines.push(Line {
                left: Some(text),
                right: None,
            }),
            ChangeTag::Insert => {
                if let Some(line) = lines.get_mut(open) {
                    line.right = Some(text);
                } else {
                    lines.push(Line {
                        left: None,
                        right: Some(text),
                    });
                }
                open += 1;
            }
        }
    }
    lines
}

/// What of an answer is compared: the headers, and the body with a line for each value of a JSON text. Whether the body
/// is complete.
pub(super) fn comparable(answer: &Answer) -> (String, bool) {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| [name, ": ", value].concat())
        .collect();
    headers.sort_unstable();
    let bytes = answer.bytes();
    let is_complete = bytes.len() <= COMPARED;
    let body = &bytes[..bytes.len().min(COMPARED)];
    let body = pretty(&String::from_utf8_lossy(body));
    (headers.join("\n") + "\n\n" + &body, is_complete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::HttpResponse;
    use velvet_rope::gateway::answer::read_answer;

    fn lines(left: &str, right: &str) -> Vec<(Option<String>, Option<String>)> {
        let lines = compare(left, right).into_iter();
        lines.map(|line| (line.left, line.right)).collect()
    }

    fn both(left: &str, right: &str) -> (Option<String>, Option<String>) {
        let side = |text: &str| (text != "-").then(|| text.to_owned());
        (side(left), side(right))
    }

    #[test]
    fn changed_lines_stand_side_by_side() {
        assert_eq!(
            lines("a\nb\nc\nd\n", "a\nB\nd\ne"),
            [
                both("a", "a"),
                both("b", "B"),
                both("c", "-"),
                both("d", "d"),
                both("-", "e")
            ]
        );
        assert_eq!(lines("", "x\ny"), [both("-", "x"), both("-", "y")]);
        assert_eq!(lines("x", "x"), [both("x", "x")]);
    }

    #[test]
    fn json_is_compared_value_by_value_and_headers_by_name() {
        let headers = [("date", "now"), ("content-type", "application/json")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = read_answer(&HttpResponse::new(
            200,
            headers.to_vec(),
            r#"{"b":1,"a":[2]}"#,
        ));
        let expected = "content-type: application/json\ndate: now\n\n{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}";
        assert_eq!(comparable(&answer), (expected.to_owned(), true));
        let long = read_answer(&HttpResponse::new(200, vec![], "x".repeat(COMPARED + 1)));
        assert!(!comparable(&long).1);
    }
}
