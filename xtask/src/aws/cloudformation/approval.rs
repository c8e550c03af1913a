//! The question before a change.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, Result, bail};

/// How the user agrees to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approval {
    /// By answering a question on the terminal.
    Asked,
    /// In advance, by `--yes`.
    Given,
}

impl Approval {
    /// That of a command that was called with `--yes` or without.
    pub(crate) fn by_flag(yes: bool) -> Self {
        if yes { Self::Given } else { Self::Asked }
    }

    /// Whether the answer to `question` is exactly `wanted`; for `y` also `yes`.
    ///
    /// # Errors
    /// When there is no terminal.
    pub(crate) async fn ask(self, question: &str, wanted: &str) -> Result<bool> {
        if self != Self::Asked {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!(
                "there is no terminal to ask on: check the changes above, then run the command again with --yes"
            );
        }
        let mut out = std::io::stdout().lock();
        write!(out, "{question} ")
            .and_then(|()| out.flush())
            .context("could not ask")?;
        drop(out);
        // Elsewhere, because it cannot be interrupted.
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            std::io::stdin().read_line(&mut answer).map(|_| answer)
        });
        let answer = answer
            .await
            .context("could not ask")?
            .context("could not read the answer")?;
        Ok(agrees(&answer, wanted))
    }
}

fn agrees(answer: &str, wanted: &str) -> bool {
    let answer = answer.trim();
    if wanted == "y" {
        return matches!(answer.to_lowercase().as_str(), "y" | "yes");
    }
    answer == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for yes in ["y\n", "Y", " yes \n"] {
            assert!(agrees(yes, "y"), "{yes}");
        }
        for no in ["", "\n", "n", "yep", "velvet-rope"] {
            assert!(!agrees(no, "y"), "{no}");
        }
        assert!(agrees("velvet-rope\n", "velvet-rope"));
        assert!(!agrees("y\n", "velvet-rope"));
        assert!(!agrees("Velvet-Rope\n", "velvet-rope"));
    }
}
