//! What a check found.

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As expected.
    Ok,
    /// It works, with a limit that users will notice.
    Warning,
    /// Something will fail.
    Failed,
    /// It could not be checked here.
    Skipped,
}

impl State {
    /// The state in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// The result of a check. It has no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was compared.
    pub title: String,
    /// How it ended.
    pub state: State,
    /// The value or the answer that was found.
    pub found: String,
    /// What was expected; empty if it is what was found.
    pub expected: String,
    /// Which setting to change, and where; empty if there is nothing to change.
    pub fix: String,
}

impl Finding {
    /// A finding that is as expected.
    #[must_use]
    pub fn ok(title: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            state: State::Ok,
            found: found.into(),
            expected: String::new(),
            fix: String::new(),
        }
    }

    /// A finding that is not as expected, with what to change.
    #[must_use]
    pub fn failed(
        title: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            state: State::Failed,
            found: found.into(),
            expected: expected.into(),
            fix: fix.into(),
        }
    }

    /// The same with another state.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        self.state = state;
        self
    }
}

/// The findings as a text for the operator of the system. It has no secret.
///
/// ```
/// # use velvet_rope_doctor::{Finding, State, report};
/// let finding = Finding {
///     title: "Identity pool".into(),
///     state: State::Failed,
///     found: "there is no such identity pool".into(),
///     expected: "eu-west-1:1234".into(),
///     fix: "Correct identity_pool.id in config.json.".into(),
/// };
/// assert_eq!(
///     report(&[finding]),
///     "FAILED   Identity pool\n         found: there is no such identity pool\n         expected: eu-west-1:1234\n         \
///      fix: Correct identity_pool.id in config.json.\n"
/// );
/// ```
#[must_use]
pub fn report(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let word = finding.state.word().to_uppercase();
        text += &[&word, &" ".repeat(9 - word.len()), &finding.title, "\n"].concat();
        let lines = [
            ("found: ", &finding.found),
            ("expected: ", &finding.expected),
            ("fix: ", &finding.fix),
        ];
        for (name, value) in lines {
            if !value.is_empty() {
                text += &["         ", name, value, "\n"].concat();
            }
        }
    }
    text
}
