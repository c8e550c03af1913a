//! Asking whether something is to be done.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, Result, bail};

/// Who agrees to what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approval {
    /// Whoever sits at the terminal.
    Asked,
    /// Whoever called the command, beforehand.
    Given,
}

impl Approval {
    /// That of a command that was called with `--yes` or without.
    pub(crate) fn by_flag(yes: bool) -> Self {
        if yes { Self::Given } else { Self::Asked }
    }

    /// Whether the answer to `question` is `wanted`, letter by letter or, for `y`, also spelt out.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub(crate) async fn ask(self, question: &str, wanted: &str) -> Result<bool> {
        if self != Self::Asked {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!(
                "nobody can be asked here, because there is no terminal: after a look at the above, run the command \
                 again with --yes"
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
