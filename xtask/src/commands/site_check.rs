//! The programs that check a site from outside. They are in the package of the end-to-end tests, whose HTTP client and browser
//! they use, so that xtask itself need not be compiled with them.

use anyhow::Result;
use tokio::process::Command;

use crate::support::{
    process,
    workspace::{END_TO_END, Workspace, cargo},
};

/// Builds the program `name`, and returns a command that runs it.
///
/// # Errors
/// When it does not compile.
pub(super) async fn program(workspace: &Workspace, name: &str) -> Result<Command> {
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--package", END_TO_END, "--bin", name])
        .current_dir(&workspace.root);
    process::run(build).await?;
    Ok(Command::new(workspace.target.join("debug").join(name)))
}
