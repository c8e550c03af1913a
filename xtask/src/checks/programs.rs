//! The test programs of this machine: Cargo builds all at once, and they run package by package.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Deserialize;
use tokio::process::Command;

use super::{
    cargo_tests::count_tests,
    tally::{Count, evaluate},
};
use crate::support::{
    process, report,
    workspace::{SUITE, Workspace, cargo},
};

/// The test programs of the workspace, without that of the end-to-end tests.
#[derive(Debug)]
pub(crate) struct Programs(Vec<Program>);

#[derive(Debug, PartialEq, Eq)]
struct Program {
    /// The folder of its package.
    folder: PathBuf,
    /// The file with its `main`, or its first module.
    source: PathBuf,
    executable: PathBuf,
}

/// A line of Cargo's messages about a compiled target.
#[derive(Debug, Deserialize)]
struct Message {
    manifest_path: PathBuf,
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    src_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Profile {
    test: bool,
}

impl Programs {
    /// Builds them.
    ///
    /// # Errors
    /// When one does not compile.
    pub(crate) async fn build(workspace: &Workspace) -> Result<Self> {
        let mut command = cargo();
        command
            .arg("test")
            .args(workspace.tested_together())
            .args(["--no-run", "--message-format", "json-render-diagnostics"])
            .current_dir(&workspace.root);
        let mut programs = Vec::new();
        let status = process::run_reading(command, |line| programs.extend(program(line))).await?;
        if !status.success() {
            bail!("the tests do not compile ({status})");
        }
        Ok(Self(programs))
    }

    /// Runs those of `packages` and counts their tests.
    ///
    /// # Errors
    /// When one cannot be started, or ends without having run tests.
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        packages: &[&str],
        filter: Option<&str>,
    ) -> Result<Count> {
        let mut count = Count::default();
        let mut success = true;
        for package in packages {
            let folder = workspace.folder(package)?;
            for program in self.0.iter().filter(|program| program.folder == folder) {
                success &= program.run(&workspace.root, filter, &mut count).await?;
            }
        }
        evaluate(success, count, filter)
    }
}

impl Program {
    /// Runs it as Cargo does, adds its tests to `count`, and returns whether all passed.
    async fn run(&self, root: &Path, filter: Option<&str>, count: &mut Count) -> Result<bool> {
        let source = self.source.strip_prefix(root).unwrap_or(&self.source);
        report::line(format_args!("     Running {}", source.display()));
        let mut command = Command::new(&self.executable);
        command
            .args(filter)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder);
        count_tests(command, count).await
    }
}

/// The test program that a line of Cargo's messages is about, if it is about one.
fn program(line: &str) -> Option<Program> {
    let message: Message = serde_json::from_str(line).ok()?;
    let executable = message.executable.filter(|_| message.profile.test)?;
    let folder = message.manifest_path.parent()?.to_owned();
    (message.target.name != SUITE).then_some(Program {
        folder,
        source: message.target.src_path,
        executable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, test: bool, executable: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","manifest_path":"/code/infra/Cargo.toml","target":{{"kind":["test"],"name":"{name}",
            "src_path":"/code/infra/tests/{name}.rs"}},"profile":{{"test":{test}}},"executable":{executable}}}"#
        )
    }

    #[test]
    fn test_programs_are_read_from_the_messages_of_cargo() {
        let found = program(&message("limits", true, "\"/code/target/limits-1\"")).unwrap();
        let expected = Program {
            folder: "/code/infra".into(),
            source: "/code/infra/tests/limits.rs".into(),
            executable: "/code/target/limits-1".into(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn other_messages_are_about_no_test_program() {
        for line in [
            message("infra", false, "null"),
            message("accounts", false, "\"/code/target/accounts\""),
            message(SUITE, true, "\"/code/target/suite-1\""),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "Compiling infra".to_owned(),
        ] {
            assert_eq!(program(&line), None, "{line}");
        }
    }
}
