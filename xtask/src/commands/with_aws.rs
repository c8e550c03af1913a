//! Commands that need the feature `aws`, in a build without it: they build `xtask` with it and run there.

use std::{convert::Infallible, ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::support::{
    checked_build::cargo_for_tests,
    process,
    workspace::{Workspace, cargo},
};

/// The program that Cargo builds.
const PROGRAM: &str = "xtask";

/// The arguments, which the build with the feature reads.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct WithAws {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl WithAws {
    /// Becomes the build with the feature; Cargo makes it first if it is not there.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub(crate) async fn run(&self, command: &str) -> Result<Infallible> {
        let workspace = Workspace::find().await?;
        let mut build = cargo();
        build
            .arg("build")
            .args(workspace.tested_together())
            .current_dir(&workspace.root);
        become_program(&workspace, build, command, &self.arguments).await
    }
}

/// Becomes `cargo xtask test` with the feature, with the arguments of this process. Cargo makes it as it makes the tests.
///
/// # Errors
/// When it cannot be built or started.
pub(crate) async fn test(workspace: &Workspace) -> Result<Infallible> {
    let arguments: Vec<_> = std::env::args_os().skip(2).collect();
    let build = cargo_for_tests(workspace, "build")?;
    become_program(workspace, build, "test", &arguments).await
}

async fn become_program(
    workspace: &Workspace,
    mut build: Command,
    command: &str,
    arguments: &[OsString],
) -> Result<Infallible> {
    // There are no examples. But with an option that may need the dependencies of tests, Cargo selects features as it does
    // for tests, which then compile less.
    build.args(["--bin", PROGRAM, "--examples"]);
    process::run(build).await?;
    let program = workspace.target.join("debug").join(PROGRAM);
    let mut program = std::process::Command::new(program);
    program.arg(command).args(arguments);
    Err(program.exec()).context("could not start what Cargo has built")
}
