//! The result of the checks.

use std::fmt;
use std::future::Future;

use anyhow::Result;

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As promised; with what was seen, if that is of interest.
    Ok(String),
    /// What was seen, and what was expected.
    Differs(String),
    /// Not checked, with the reason.
    Skipped(String),
}

/// A check with its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// What came out.
    pub outcome: Outcome,
}

/// All checks, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Report {
    checks: Vec<Check>,
    on_check: Option<fn(&Check)>,
}

impl Report {
    /// A report that passes each check on as soon as it is made.
    #[must_use]
    pub fn printing(on_check: fn(&Check)) -> Self {
        Self {
            checks: Vec::new(),
            on_check: Some(on_check),
        }
    }

    /// The checks.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Those that differ from what was expected.
    pub fn differences(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| matches!(check.outcome, Outcome::Differs(_)))
    }

    /// Whether nothing differs and nothing was skipped.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.checks
            .iter()
            .all(|check| matches!(check.outcome, Outcome::Ok(_)))
    }

    pub(super) fn skip(&mut self, names: &[&str], reason: &str) {
        for name in names {
            self.add(name, Outcome::Skipped(reason.to_owned()));
        }
    }

    pub(super) fn add(&mut self, name: &str, outcome: Outcome) {
        let check = Check {
            name: name.to_owned(),
            outcome,
        };
        if let Some(on_check) = self.on_check {
            on_check(&check);
        }
        self.checks.push(check);
    }

    /// Adds the result of `check`. Returns whether it was as promised.
    pub(super) async fn run(
        &mut self,
        name: &str,
        check: impl Future<Output = Result<String>>,
    ) -> bool {
        let (outcome, ok) = match check.await {
            Ok(seen) => (Outcome::Ok(seen), true),
            Err(error) => (Outcome::Differs(format!("{error:#}")), false),
        };
        self.add(name, outcome);
        ok
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, detail) = match &self.outcome {
            Outcome::Ok(detail) => ("ok     ", detail),
            Outcome::Differs(detail) => ("DIFFERS", detail),
            Outcome::Skipped(detail) => ("skipped", detail),
        };
        write!(formatter, "{word}  {}", self.name)?;
        if detail.is_empty() {
            return Ok(());
        }
        write!(formatter, ": {}", detail.replace('\n', "\n         "))
    }
}
