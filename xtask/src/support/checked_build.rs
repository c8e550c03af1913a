//! Builds for the tests, which Clippy and rustdoc check on the way.
//!
//! `cargo clippy` and `cargo doc` let the compiler check every dependency once more, beside what the tests compile: with the AWS SDK
//! in the workspace that took a quarter of a first `cargo xtask test`. So Cargo compiles the packages of the workspace for the tests with
//! this program as the compiler (`RUSTC_WORKSPACE_WRAPPER`), which runs Clippy's compiler and then rustdoc with the same arguments.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Result;

use super::{
    own_program,
    workspace::{Workspace, cargo},
};

/// The variable that names a compiler for the packages of the workspace to Cargo.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What Cargo calls: `xtask RUSTC ARGUMENTS`.
const COMPILER: &str = "rustc";

/// The variable of a build for the browser. A warning is an error there, and libraries are not documented: the build for the tests of
/// this machine does that, with all their features; without some, links in the documentation lead nowhere.
const FOR_THE_BROWSER: &str = "VELVET_ROPE_CHECK_FOR_THE_BROWSER";

/// Gives Cargo, or what calls it, this program as the compiler of a page. A warning of Clippy or rustdoc is an error.
///
/// # Errors
/// When this program cannot be copied to a place where it stays.
pub(crate) fn check_page(
    workspace: &Workspace,
    command: &mut tokio::process::Command,
) -> Result<()> {
    command
        .env(WRAPPER, own_program::kept(workspace)?)
        .env(FOR_THE_BROWSER, "1");
    Ok(())
}

/// Cargo for a build of the tests of this machine, or of a part of it, with the selection that is the same for all.
///
/// # Errors
/// When this program cannot be copied to a place where it stays.
pub(crate) fn cargo_for_tests(
    workspace: &Workspace,
    subcommand: &str,
) -> Result<tokio::process::Command> {
    let mut command = cargo();
    command
        .arg(subcommand)
        .args(workspace.tested_together())
        .env(WRAPPER, own_program::kept(workspace)?)
        .current_dir(&workspace.root);
    Ok(command)
}

/// Compiles and checks, if Cargo has called this program as a compiler.
pub(crate) fn run_as_compiler() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let compiler = PathBuf::from(arguments.next()?);
    if compiler.file_stem()? != COMPILER {
        return None;
    }
    let mut arguments: Vec<_> = arguments.collect();
    let is_for_the_browser = std::env::var_os(FOR_THE_BROWSER).is_some();
    if is_for_the_browser {
        arguments.extend(["-D", "warnings"].map(OsString::from));
    }
    let mut clippy = Command::new(compiler.with_file_name("clippy-driver"));
    clippy.arg(&compiler).args(&arguments);
    let mut code = exit_code(clippy);
    if code == 0
        && let Some(arguments) = for_rustdoc(&arguments, !is_for_the_browser)
    {
        let mut rustdoc = Command::new(compiler.with_file_name("rustdoc"));
        rustdoc.args(arguments);
        code = exit_code(rustdoc);
    }
    Some(ExitCode::from(code))
}

/// The exit code of a compiler with this program's input and output.
fn exit_code(mut command: Command) -> u8 {
    let status = command.status();
    let code = status.ok().and_then(|status| status.code());
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// The arguments for rustdoc of a crate that is compiled with these. `None` for what is not documented: tests, build scripts, the
/// questions about itself that Cargo asks a compiler, and libraries, unless `with_libraries`.
fn for_rustdoc(arguments: &[OsString], with_libraries: bool) -> Option<Vec<OsString>> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let name = value("--crate-name")?;
    let output = Path::new(value("--out-dir")?);
    let kind = value("--crate-type")?;
    let is_test = arguments.iter().any(|argument| argument == "--test");
    if is_test || name == "build_script_build" || (kind != "bin" && !with_libraries) {
        return None;
    }
    let mut kept = Vec::with_capacity(arguments.len() + 3);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--out-dir" {
            rest.next();
        } else if !argument.to_string_lossy().starts_with("--emit=") {
            kept.push(argument.clone());
        }
    }
    if kind == "bin" {
        // As Cargo has it: a program has no public items.
        kept.push("--document-private-items".into());
    }
    kept.push("--out-dir".into());
    // A folder for each: several are written at once.
    let folder = output.join("documentation").join(kind).join(name);
    kept.push(folder.into());
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn documented(line: &str) -> Option<String> {
        let arguments = for_rustdoc(&arguments(line), true)?;
        let words: Vec<_> = arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        Some(words.join(" "))
    }

    #[test]
    fn rustdoc_gets_the_arguments_of_the_compiler_but_its_own_folder() {
        let library = "--crate-name infra --edition=2024 infra/src/lib.rs --crate-type lib --emit=dep-info,metadata,link \
                       --cfg feature=\"a\" --out-dir /target/debug/deps -L dependency=/target/debug/deps --extern anyhow=/a.rmeta";
        assert_eq!(
            documented(library).unwrap(),
            "--crate-name infra --edition=2024 infra/src/lib.rs --crate-type lib --cfg feature=\"a\" -L \
             dependency=/target/debug/deps --extern anyhow=/a.rmeta --out-dir /target/debug/deps/documentation/lib/infra"
        );
    }

    #[test]
    fn all_of_a_program_is_documented() {
        let program = "--crate-name xtask xtask/src/main.rs --crate-type bin --emit=dep-info,link --out-dir /deps";
        assert_eq!(
            documented(program).unwrap(),
            "--crate-name xtask xtask/src/main.rs --crate-type bin --document-private-items --out-dir /deps/documentation/bin/xtask"
        );
    }

    #[test]
    fn tests_build_scripts_and_questions_have_no_documentation() {
        for line in [
            "-vV",
            "- --crate-name ___ --print=file-names --crate-type bin",
            "--crate-name infra infra/src/lib.rs --crate-type lib --test --out-dir /deps",
            "--crate-name build_script_build build.rs --crate-type bin --out-dir /build/app",
        ] {
            assert_eq!(documented(line), None, "{line}");
        }
    }

    #[test]
    fn of_a_page_only_the_program_is_documented() {
        let kind = |kind: &str| {
            arguments(&format!(
                "--crate-name a a.rs --crate-type {kind} --out-dir /deps"
            ))
        };
        assert!(for_rustdoc(&kind("bin"), false).is_some());
        assert!(for_rustdoc(&kind("lib"), false).is_none());
        assert!(for_rustdoc(&kind("lib"), true).is_some());
    }
}
