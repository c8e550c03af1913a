//! Parts of `cargo xtask test` that run in a process of their own.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::tally::Tally;
use crate::support::{process, report, workspace::Workspace};

/// A part of `cargo xtask test` in a process of its own.
#[derive(Debug)]
pub(crate) struct Background<'a> {
    /// This program, or the same with all its features.
    pub(crate) program: &'a Path,
    /// The names of the parts.
    pub(crate) parts: &'a [String],
    /// More arguments for it.
    pub(crate) arguments: &'a [String],
}

impl Background<'_> {
    /// Runs the parts and returns their results. The output is shown when they have ended.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) async fn run(self, workspace: &Workspace) -> Result<Tally> {
        let (command, results) = self.command(workspace)?;
        let parts = self.parts.join(", ");
        report::line(format_args!("==> Meanwhile: {parts}"));
        let mut output = String::new();
        let status = process::run_reading_all(command, |line| {
            output.push_str(line);
            output.push('\n');
        })
        .await?;
        report::line(format_args!("\n==> Meanwhile, {parts}:\n{output}"));
        Ok(outcome(&results, status))
    }

    /// The same, with nothing beside it and its output in view.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) async fn run_in_view(self, workspace: &Workspace) -> Result<Tally> {
        let (command, results) = self.command(workspace)?;
        let status = process::run_to_end(command).await?;
        Ok(outcome(&results, status))
    }

    /// The command, and the file that it writes the results to.
    fn command(&self, workspace: &Workspace) -> Result<(Command, PathBuf)> {
        let folder = workspace.target.join("test");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        let results = folder.join(format!("{}.json", self.parts.join("-")));
        // Results of an earlier run would hide that this one ended early.
        let _ = std::fs::remove_file(&results);
        let mut command = Command::new(self.program);
        command.arg("test").arg("--results").arg(&results);
        command.args(self.parts.iter().flat_map(|part| ["--only", part]));
        command.args(self.arguments).current_dir(&workspace.root);
        Ok((command, results))
    }
}

/// A process that failed without a failed entry ended early, and that is a failure.
fn outcome(results: &Path, status: ExitStatus) -> Tally {
    let mut tally = Tally::load(results).unwrap_or_default();
    if !status.success() && !tally.has_failures() {
        tally.add_failure(
            "process beside this one",
            format!("it ended early ({status})"),
        );
    } else if tally.is_empty() {
        tally.add_failure("process beside this one", "it left no results".to_owned());
    }
    tally
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;
    use crate::checks::tally::Count;

    async fn saved(file: &Path, count: Count) {
        let mut tally = Tally::default();
        tally.run("release", async { Ok(count) }).await;
        tally.save(file).unwrap();
    }

    #[tokio::test]
    async fn no_failure_of_the_second_process_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("results.json");
        let failed_status = ExitStatus::from_raw(256);
        assert!(outcome(&file, failed_status).has_failures());
        assert!(outcome(&file, ExitStatus::default()).has_failures());

        saved(&file, Count::ONE_PASSED).await;
        assert!(!outcome(&file, ExitStatus::default()).has_failures());
        assert!(outcome(&file, failed_status).has_failures());

        let failed = Count {
            failed: 1,
            ..Count::default()
        };
        saved(&file, failed).await;
        assert!(outcome(&file, failed_status).has_failures());
        assert!(outcome(&file, ExitStatus::default()).has_failures());
    }
}
