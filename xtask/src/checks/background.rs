//! Parts of `cargo xtask test` that run in a process beside the others. Its output is shown when it has ended.

use std::{path::Path, process::ExitStatus};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::tally::Tally;
use crate::support::{process, report, workspace::Workspace};

/// Runs these parts with a copy of this program, and returns their results.
///
/// # Errors
/// When the process cannot be started.
pub(crate) async fn run(workspace: &Workspace, program: &Path, parts: &[String]) -> Result<Tally> {
    let folder = workspace.target.join("test");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    let results = folder.join(format!("{}.json", parts.join("-")));
    // Results of an earlier run would hide that this one ended early.
    let _ = std::fs::remove_file(&results);
    let mut command = Command::new(program);
    command.arg("test").arg("--results").arg(&results);
    command.args(parts.iter().flat_map(|part| ["--only", part]));
    command.current_dir(&workspace.root);
    report::line(format_args!("==> Meanwhile: {}", parts.join(", ")));
    let mut output = String::new();
    let status = process::run_reading_all(command, |line| {
        output.push_str(line);
        output.push('\n');
    })
    .await?;
    report::line(format_args!(
        "\n==> Meanwhile, {}:\n{output}",
        parts.join(", ")
    ));
    Ok(outcome(&results, status))
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
