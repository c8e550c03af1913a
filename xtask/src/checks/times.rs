//! The times of the end-to-end tests, which the suite writes as one line of JSON for each test.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::Deserialize;

use crate::support::report::seconds;

/// The file in the folder of artifacts.
const FILE: &str = "times.jsonl";

/// How many of the slowest tests are shown.
const SHOWN: usize = 10;

#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    /// Seconds of each phase.
    #[serde(flatten)]
    phases: BTreeMap<String, f64>,
}

/// A table of the slowest tests, and of the time that all tests took in each phase.
pub(crate) fn slowest(artifacts: &Path) -> String {
    let text = std::fs::read_to_string(artifacts.join(FILE)).unwrap_or_default();
    table(&text)
}

fn table(text: &str) -> String {
    let mut tests = BTreeMap::<String, f64>::new();
    let mut phases = BTreeMap::<String, f64>::new();
    for line in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
    {
        for (phase, took) in line.phases {
            *phases.entry(phase).or_default() += took;
            *tests.entry(line.name.clone()).or_default() += took;
        }
    }
    let mut tests = Vec::from_iter(tests);
    tests.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let shown = |(name, took): &(String, f64)| {
        let took = seconds(Duration::from_secs_f64(*took));
        format!("\n    {took:>12}  {name}")
    };
    let slowest: String = tests.iter().take(SHOWN).map(shown).collect();
    let phases: String = Vec::from_iter(phases).iter().map(shown).collect();
    format!("    The slowest tests:{slowest}\n    All tests, by phase:{phases}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn adds_up_the_phases_of_a_test_and_sorts_by_time() {
        let text = r#"{"name": "a", "fixture": 1.0, "scenario": 2.0}
            {"name": "b", "fixture": 1.0, "scenario": 3.5}
            {"name": "a", "fixture": 1.0, "scenario": 2.0}"#;
        let table = table(text);
        let lines: Vec<_> = table.lines().map(str::trim).collect();
        assert_eq!(lines[..3], ["The slowest tests:", "6.0 s  a", "4.5 s  b"]);
        assert_eq!(lines[4..], ["3.0 s  fixture", "7.5 s  scenario"]);
    }

    #[test]
    fn shows_ten_tests_at_most() {
        let lines = (0..12).map(|number| json!({ "name": format!("t{number}"), "scenario": 1.0 }));
        let text = lines.map(|line| line.to_string()).collect::<Vec<_>>();
        let text = text.join("\n");
        assert_eq!(table(&text).lines().count(), 1 + SHOWN + 2);
    }
}
