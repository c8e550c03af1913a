//! The end-to-end tests that a browser cannot run, and those that it ran again. The suite writes one line of JSON for each; the
//! test runner counts the first as passed.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde::Deserialize;

use super::tally::Count;

/// The files in the folder of artifacts.
const FILE: &str = "not-run.jsonl";
const RUN_AGAIN: &str = "run-again.jsonl";

#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    /// What the browser lacks.
    reason: String,
}

/// The names of the tests that were not run, by reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct NotRun(BTreeMap<String, Vec<String>>);

impl NotRun {
    /// Reads what the suite wrote into `artifacts`.
    pub(crate) fn read(artifacts: &Path) -> Self {
        Self::parse(&std::fs::read_to_string(artifacts.join(FILE)).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Line>(line).ok());
        // A test of several cases notes each of them.
        let reasons: BTreeMap<String, String> =
            lines.map(|line| (line.name, line.reason)).collect();
        let mut by_reason = BTreeMap::<String, Vec<String>>::new();
        for (name, reason) in reasons {
            by_reason.entry(reason).or_default().push(name);
        }
        Self(by_reason)
    }

    /// What the test runner counted, without the tests that were not run.
    pub(crate) fn corrected(&self, counted: Count) -> Count {
        let names: usize = self.0.values().map(Vec::len).sum();
        counted.without(names.try_into().unwrap_or(u64::MAX))
    }

    /// Each reason and the tests that it keeps from running; empty where all were run.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        for (reason, names) in &self.0 {
            let _ = write!(text, "\n    Not run, {reason}:");
            for name in names {
                let _ = write!(text, "\n      {name}");
            }
        }
        text
    }
}

/// The tests that were run again, because their browser ended by itself; empty where none was.
pub(crate) fn run_again(artifacts: &Path) -> String {
    #[derive(Deserialize)]
    struct Line {
        name: String,
    }
    let lines = std::fs::read_to_string(artifacts.join(RUN_AGAIN)).unwrap_or_default();
    let lines = lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let names: Vec<_> = lines
        .map(|Line { name }| format!("\n      {name}"))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\n    Run again, the browser ended by itself:{}",
        names.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_were_run_again_are_named() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(run_again(folder.path()), "");
        std::fs::write(
            folder.path().join(RUN_AGAIN),
            "{\"name\":\"suite::tabs::a\"}\n",
        )
        .unwrap();
        assert_eq!(
            run_again(folder.path()),
            "\n    Run again, the browser ended by itself:\n      suite::tabs::a"
        );
    }

    const TEXT: &str = r#"{"name": "suite::tabs::a", "reason": "needs frozen pages"}
        {"name": "suite::clock::b", "reason": "needs frozen pages"}
        {"name": "suite::clock::b", "reason": "needs frozen pages"}
        {"name": "suite::csp::c", "reason": "needs the console"}"#;

    #[test]
    fn each_test_is_counted_once_and_named_under_its_reason() {
        let not_run = NotRun::parse(TEXT);
        let counted = Count {
            passed: 10,
            failed: 1,
            not_run: 0,
        };
        let corrected = Count {
            passed: 7,
            failed: 1,
            not_run: 3,
        };
        assert_eq!(not_run.corrected(counted), corrected);
        assert_eq!(
            not_run.shown(),
            "\n    Not run, needs frozen pages:\n      suite::clock::b\n      suite::tabs::a\
             \n    Not run, needs the console:\n      suite::csp::c"
        );
    }

    #[test]
    fn a_complete_run_says_nothing() {
        assert_eq!(NotRun::parse("").shown(), "");
    }
}
