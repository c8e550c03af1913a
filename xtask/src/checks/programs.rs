//! The test programs of this machine: Cargo builds all at once, and they run package by package.

use std::{
    collections::BTreeSet,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tokio::process::Command;

use super::{
    cargo_tests::count_tests,
    tally::{Count, evaluate},
};
use crate::support::{
    checked_build::cargo_for_tests,
    process, report,
    workspace::{SUITE, Workspace},
};

/// The name of this program.
const XTASK: &str = "xtask";

/// The test programs of the workspace, without that of the end-to-end tests, and what else their build is needed for.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    tests: Vec<Program>,
    /// This program with all its features.
    xtask: Option<PathBuf>,
    /// What Clippy and rustdoc said about the packages of the workspace.
    warnings: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Program {
    /// The folder of its package.
    folder: PathBuf,
    /// The file with its `main`, or its first module.
    source: PathBuf,
    executable: PathBuf,
}

/// A line of Cargo's messages that matters here.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    /// About a compiled target.
    CompilerArtifact(Artifact),
    /// What the compiler says.
    CompilerMessage { message: Diagnostic },
}

#[derive(Debug, Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    level: String,
    /// Without the place and without colors.
    message: String,
    rendered: Option<String>,
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
    /// Builds them, and prints what the compiler, Clippy and rustdoc have to say.
    ///
    /// # Errors
    /// When one does not compile.
    pub(crate) async fn build(workspace: &Workspace) -> Result<Self> {
        let mut command = cargo_for_tests(workspace, "test")?;
        command.args(["--no-run", "--message-format"]);
        command.arg(if std::io::stderr().is_terminal() {
            "json-diagnostic-rendered-ansi"
        } else {
            "json"
        });
        let mut programs = Self::default();
        let status = process::run_reading(command, |line| programs.read(line)).await?;
        if !status.success() {
            bail!("the tests do not compile ({status})");
        }
        Ok(programs)
    }

    /// Takes what matters from a line of Cargo's messages.
    fn read(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Message::CompilerArtifact(artifact)) => self.add(artifact),
            Ok(Message::CompilerMessage { message }) => self.note(message),
            Err(_) => {}
        }
    }

    /// Prints what a compiler says. A library is compiled with its tests and without them, which gives each warning twice.
    fn note(&mut self, diagnostic: Diagnostic) {
        let text = diagnostic.rendered.unwrap_or_default();
        let text = text.trim_end();
        // "2 warnings emitted", at the end of each crate.
        let is_sum = diagnostic.message.ends_with(" emitted");
        let is_warning = diagnostic.level == "warning";
        if !is_warning || (!is_sum && self.warnings.insert(text.to_owned())) {
            report::error_line(text);
        }
    }

    fn add(&mut self, artifact: Artifact) {
        let Some(executable) = artifact.executable else {
            return;
        };
        let name = artifact.target.name.as_str();
        let folder = artifact.manifest_path.parent();
        match (artifact.profile.test, folder) {
            (true, Some(folder)) if name != SUITE => self.tests.push(Program {
                folder: folder.to_owned(),
                source: artifact.target.src_path,
                executable,
            }),
            (false, _) if name == XTASK => self.xtask = Some(executable),
            _ => {}
        }
    }

    /// This program with all its features, among them those that need the AWS SDK.
    ///
    /// # Errors
    /// When Cargo did not build it.
    pub(crate) fn xtask(&self) -> Result<&Path> {
        let xtask = self.xtask.as_deref();
        xtask.context("Cargo built the tests without xtask")
    }

    /// Whether neither Clippy nor rustdoc warned of anything.
    ///
    /// # Errors
    /// Says how many warnings there were.
    pub(crate) fn without_warnings(&self) -> Result<Count> {
        match self.warnings.len() {
            0 => Ok(Count::ONE_PASSED),
            1 => bail!("1 warning, shown above"),
            several => bail!("{several} warnings, shown above"),
        }
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
            for program in self.tests.iter().filter(|program| program.folder == folder) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, test: bool, executable: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","manifest_path":"/code/infra/Cargo.toml","target":{{"kind":["test"],"name":"{name}",
            "src_path":"/code/infra/tests/{name}.rs"}},"profile":{{"test":{test}}},"executable":{executable}}}"#
        )
    }

    fn read(lines: &[String]) -> Programs {
        let mut programs = Programs::default();
        for line in lines {
            programs.read(line);
        }
        programs
    }

    #[test]
    fn test_programs_are_read_from_the_messages_of_cargo() {
        let found = read(&[message("limits", true, "\"/code/target/limits-1\"")]);
        let expected = Program {
            folder: "/code/infra".into(),
            source: "/code/infra/tests/limits.rs".into(),
            executable: "/code/target/limits-1".into(),
        };
        assert_eq!(found.tests, [expected]);
        assert!(found.xtask().is_err());
    }

    #[test]
    fn other_messages_are_about_no_test_program() {
        let found = read(&[
            message("infra", false, "null"),
            message("accounts", false, "\"/code/target/accounts\""),
            message(SUITE, true, "\"/code/target/suite-1\""),
            message(XTASK, false, "\"/code/target/xtask\""),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "Compiling infra".to_owned(),
        ]);
        assert_eq!(found.tests, []);
        assert_eq!(found.xtask().unwrap(), Path::new("/code/target/xtask"));
    }

    #[test]
    fn a_warning_counts_once_and_is_a_failure() {
        let said = |level: &str, text: &str| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"{level}","message":"{text}",
                "rendered":"\u001b[33m{level}: {text}\u001b[0m"}}}}"#
            )
        };
        let found = read(&[
            said("note", "look at this"),
            said("failure-note", "and this"),
        ]);
        assert_eq!(found.without_warnings().unwrap(), Count::ONE_PASSED);
        let found = read(&[
            said("warning", "this loop"),
            said("warning", "this loop"),
            said("warning", "2 warnings emitted"),
            said("warning", "unresolved link"),
        ]);
        let failure = found.without_warnings().unwrap_err().to_string();
        assert_eq!(failure, "2 warnings, shown above");
    }
}
