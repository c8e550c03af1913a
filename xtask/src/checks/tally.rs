//! The account of a run of many checks: each goes on after another has failed, and the sum comes last.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::support::report::{self, seconds};

/// How many checks or tests passed and failed, and how many were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Tests that this machine or this browser cannot run, each of which said so.
    #[serde(default)]
    pub(crate) not_run: u64,
}

impl Count {
    /// A check that is one thing and passed.
    pub(crate) const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
        not_run: 0,
    };

    /// A check that failed as a whole.
    const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
        not_run: 0,
    };

    /// A check that cannot be made here.
    pub(crate) const ONE_NOT_RUN: Self = Self {
        passed: 0,
        failed: 0,
        not_run: 1,
    };

    fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            not_run: self.not_run + other.not_run,
        }
    }

    /// The same tests, of which `not_run` only said that they were left out.
    pub(crate) fn without(self, not_run: u64) -> Self {
        Self {
            passed: self.passed.saturating_sub(not_run),
            not_run: self.not_run + not_run,
            ..self
        }
    }

    /// What is printed: tests that were not run only where there are any.
    fn shown(self) -> String {
        let Self {
            passed,
            failed,
            not_run,
        } = self;
        let counted = format!("{passed} passed, {failed} failed");
        match not_run {
            0 => counted,
            _ => format!("{counted}, {not_run} not run"),
        }
    }

    /// Adds what a line of a test runner's output sums up, as in
    /// `test result: ok. 12 passed; 0 failed; 0 ignored`.
    pub(crate) fn add_line(&mut self, line: &str) {
        let Some((_, sums)) = line.trim().split_once("test result: ") else {
            return;
        };
        let number_before = |word: &str| {
            sums.split(['.', ';'])
                .filter_map(|part| part.trim().strip_suffix(word))
                .find_map(|number| number.trim().parse::<u64>().ok())
                .unwrap_or_default()
        };
        let sum = Self {
            passed: number_before("passed"),
            failed: number_before("failed"),
            not_run: 0,
        };
        *self = self.plus(sum);
    }
}

/// One line of the account.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    took: Duration,
    count: Count,
    /// Why it failed, if it did not come to a count.
    failure: Option<String>,
}

/// What has been run so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    entries: Vec<Entry>,
}

impl Tally {
    /// Runs one check and notes how it ended. A failure is printed now and again at the end.
    pub(crate) async fn run(&mut self, name: &str, check: impl Future<Output = Result<Count>>) {
        report::line(format_args!("\n==> {name}"));
        let started = Instant::now();
        let outcome = check.await;
        let took = started.elapsed();
        let (count, failure) = match outcome {
            Ok(count) => (count, None),
            Err(error) => (Count::ONE_FAILED, Some(format!("{error:#}"))),
        };
        match &failure {
            Some(error) => report::error_line(format_args!("    failed: {error}")),
            None if count.failed > 0 => report::line(format_args!("    {} failed", count.failed)),
            None if count == Count::ONE_NOT_RUN => report::line("    not run"),
            None => report::line(format_args!("    passed in {}", seconds(took))),
        }
        self.entries.push(Entry {
            name: name.to_owned(),
            took,
            count,
            failure,
        });
    }

    /// Whether the check of this name was run and passed.
    pub(crate) fn passed(&self, name: &str) -> bool {
        let found = self.entries.iter().find(|entry| entry.name == name);
        found.is_some_and(|entry| entry.count.failed == 0)
    }

    /// Whether a check failed.
    pub(crate) fn has_failures(&self) -> bool {
        self.total().failed > 0
    }

    /// Whether nothing was run.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a failure of something that is no check itself.
    pub(crate) fn add_failure(&mut self, name: &str, reason: String) {
        self.entries.push(Entry {
            name: name.to_owned(),
            took: Duration::ZERO,
            count: Count::ONE_FAILED,
            failure: Some(reason),
        });
    }

    /// Adds the checks of another tally, but not again those that both have and that passed: several processes see to it that the
    /// release is built. The one that built it took longest.
    pub(crate) fn append(&mut self, other: Self) {
        for entry in other.entries {
            let mut before = self.entries.iter_mut();
            match before.find(|before| before.name == entry.name) {
                Some(before) if before.count.failed == 0 && entry.count.failed == 0 => {
                    before.took = before.took.max(entry.took);
                }
                _ => self.entries.push(entry),
            }
        }
    }

    /// Writes the results to `file`, for [`Tally::load`] in another process.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string(&self.entries).context("could not write JSON")?;
        std::fs::write(file, text).with_context(|| format!("could not write {}", file.display()))
    }

    /// Reads the results in `file`, if there are any.
    pub(crate) fn load(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let entries = serde_json::from_str(&text).ok()?;
        Some(Self { entries })
    }

    fn total(&self) -> Count {
        self.entries
            .iter()
            .fold(Count::default(), |sum, entry| sum.plus(entry.count))
    }

    /// All entries and, as the last line, their sum.
    fn summary(&self) -> String {
        let mut text = String::new();
        let width = self
            .entries
            .iter()
            .map(|entry| entry.name.len())
            .max()
            .unwrap_or_default();
        for Entry {
            name,
            took,
            count,
            failure,
        } in &self.entries
        {
            let verdict = match *count {
                Count { failed: 1.., .. } => "FAILED",
                Count::ONE_NOT_RUN => "not run",
                _ => "passed",
            };
            let took = seconds(*took);
            let what = match failure {
                Some(error) => first_line(error),
                None if [Count::ONE_PASSED, Count::ONE_FAILED, Count::ONE_NOT_RUN]
                    .contains(count) =>
                {
                    String::new()
                }
                None => count.shown(),
            };
            let line = format!("    {verdict:7} {name:width$}  {took:>12}  {what}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text + &self.total().shown()
    }

    /// Prints the summary. `true` when something ran and nothing failed.
    pub(crate) fn finish(self) -> bool {
        let Count { passed, failed, .. } = self.total();
        if passed + failed == 0 {
            report::error_line("error: no test was run");
        }
        report::line(format_args!("\n==> Summary\n{}", self.summary()));
        passed > 0 && failed == 0
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// What a test command that ended with `success` amounts to.
///
/// # Errors
/// When it failed without a failed test (it did not build, or it crashed), or ran no test although
/// no `filter` kept tests out.
pub(crate) fn evaluate(success: bool, count: Count, filter: Option<&str>) -> Result<Count> {
    match (success, count) {
        (false, Count { failed: 0, .. }) => bail!("it ended before all tests were run"),
        (
            true,
            Count {
                passed: 0,
                failed: 0,
                ..
            },
        ) if filter.is_none() => bail!("it ran no test"),
        _ => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn adds_up_the_sums_of_several_test_programs() {
        let mut count = Count::default();
        for line in [
            "running 2 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "test a::result ... ok",
            "    test result: FAILED. 3 passed; 2 failed; 0 ignored",
        ] {
            count.add_line(line);
        }
        assert_eq!(
            count,
            Count {
                passed: 15,
                failed: 2,
                not_run: 0,
            }
        );
    }

    #[test]
    fn a_run_that_ends_early_or_tests_nothing_is_a_failure() {
        let none = Count::default();
        let some = Count { passed: 3, ..none };
        assert!(evaluate(false, some, None).is_err());
        assert!(evaluate(true, none, None).is_err());
        assert_eq!(evaluate(true, none, Some("name")).unwrap(), none);
        assert_eq!(evaluate(true, some, None).unwrap(), some);
        let failed = Count {
            passed: 3,
            failed: 1,
            ..none
        };
        assert_eq!(evaluate(false, failed, None).unwrap(), failed);
    }

    #[tokio::test]
    async fn goes_on_after_a_failure_and_ends_with_the_sum() {
        let mut tally = Tally::default();
        tally
            .run("format", async {
                Err(anyhow!("one file differs\nfile.rs"))
            })
            .await;
        tally
            .run("tests", async {
                Ok(Count {
                    passed: 7,
                    failed: 1,
                    not_run: 0,
                })
            })
            .await;
        tally.run("links", async { Ok(Count::ONE_PASSED) }).await;
        let summary = tally.summary();
        assert!(summary.contains("FAILED  format"), "{summary}");
        assert!(summary.contains("one file differs\n"), "{summary}");
        assert_eq!(summary.lines().last(), Some("8 passed, 2 failed"));
        assert!(!tally.finish());
    }

    #[tokio::test]
    async fn what_was_not_run_is_neither_a_success_nor_a_failure() {
        let mut tally = Tally::default();
        tally
            .run("tests in WebKit", async { Ok(Count::ONE_NOT_RUN) })
            .await;
        let summary = tally.summary();
        assert!(summary.contains("not run tests in WebKit"), "{summary}");
        let count = Count {
            passed: 9,
            ..Count::default()
        };
        tally
            .run("tests in Firefox", async { Ok(count.without(4)) })
            .await;
        let summary = tally.summary();
        assert!(
            summary.contains("5 passed, 0 failed, 4 not run\n"),
            "{summary}"
        );
        assert_eq!(
            summary.lines().last(),
            Some("5 passed, 0 failed, 5 not run")
        );
        assert!(tally.finish());
    }

    #[tokio::test]
    async fn what_two_processes_did_is_in_the_sum_once_unless_it_failed() {
        let release = async |passed: bool| {
            let mut tally = Tally::default();
            let outcome = if passed {
                Ok(Count::ONE_PASSED)
            } else {
                Err(anyhow!("it is too large"))
            };
            tally.run("release", async { outcome }).await;
            tally
        };
        let mut tally = release(true).await;
        let mut other = release(true).await;
        other.entries[0].took = Duration::from_mins(3);
        tally.append(other);
        assert_eq!(tally.total(), Count::ONE_PASSED);
        assert_eq!(tally.entries[0].took, Duration::from_mins(3));
        tally.append(release(false).await);
        assert!(tally.has_failures());
    }

    #[test]
    fn running_nothing_is_not_success() {
        assert!(!Tally::default().finish());
    }
}
