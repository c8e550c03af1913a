//! Cargo with Clippy in the place of the compiler: what it builds is checked meanwhile. `cargo clippy` would check all
//! dependencies once more, which takes a quarter of a complete run.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Deserialize;
use tokio::process::Command;

use super::{
    process, report,
    workspace::{Workspace, cargo},
};

/// What stands between the arguments of Clippy in its variable.
const SEPARATOR: &str = "__CLIPPY_HACKERY__";

/// A message of the compiler, in a line of Cargo's.
#[derive(Debug, Deserialize)]
struct Line {
    message: Message,
}

#[derive(Debug, Deserialize)]
struct Message {
    level: String,
    rendered: String,
}

/// Cargo, in whose builds Clippy compiles the packages of the workspace. All builds for the tests of this machine use it, or each
/// package would be compiled twice.
///
/// # Errors
/// When the compiler does not say where it is.
pub(crate) async fn cargo_with_clippy(workspace: &Workspace) -> Result<Command> {
    let mut compiler = Command::new("rustc");
    compiler.args(["--print", "sysroot"]);
    // The toolchain of the checkout.
    compiler.current_dir(&workspace.root);
    let sysroot = process::output(compiler).await?;
    let clippy = Path::new(sysroot.trim()).join("bin/clippy-driver");
    if !clippy.is_file() {
        bail!("there is no Clippy: rustup component add clippy");
    }
    let mut command = cargo();
    command
        .env("RUSTC_WORKSPACE_WRAPPER", clippy)
        // A test runs also while there is something that a lint denies.
        .env("CLIPPY_ARGS", ["--cap-lints", "warn"].join(SEPARATOR))
        .current_dir(&workspace.root);
    Ok(command)
}

/// Builds with these options, hands each line of Cargo's messages to `on_line`, and returns how many warnings there are. They are
/// printed.
///
/// # Errors
/// When something does not compile.
pub(crate) async fn build(
    workspace: &Workspace,
    options: &[&str],
    mut on_line: impl FnMut(&str),
) -> Result<usize> {
    let mut command = cargo_with_clippy(workspace).await?;
    command
        .args(["build", "--all-targets"])
        .args(["--message-format", "json-diagnostic-rendered-ansi"])
        .args(options);
    let mut warnings = 0;
    let status = process::run_reading(command, |line| {
        if let Some(message) = message(line) {
            report::line(message.rendered.trim_end());
            warnings += usize::from(message.level == "warning");
        }
        on_line(line);
    })
    .await?;
    if !status.success() {
        bail!("the tests do not compile ({status})");
    }
    Ok(warnings)
}

fn message(line: &str) -> Option<Message> {
    let line: Line = serde_json::from_str(line).ok()?;
    Some(line.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_compiler_are_read() {
        let warning = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: unused\n","spans":[]}}"#;
        let found = message(warning).unwrap();
        assert_eq!(found.level, "warning");
        assert_eq!(found.rendered, "warning: unused\n");
        for other in [
            r#"{"reason":"build-finished","success":true}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"infra"}}"#,
            "Compiling infra",
        ] {
            assert!(message(other).is_none(), "{other}");
        }
    }
}
