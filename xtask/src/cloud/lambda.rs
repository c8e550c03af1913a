//! The Lambda functions, built by Cargo.

use std::env::consts;

use anyhow::{Context as _, Result, bail};

use super::package::Package;
use crate::{
    process, report,
    workspace::{Workspace, cargo},
};

/// The package of the function behind the demo routes.
pub(crate) const DEMO_API: &str = "demo-api";

/// The architecture that functions built here run on, in the words of AWS.
///
/// # Errors
/// When AWS, and so the template, has no such architecture.
pub(crate) fn host_architecture() -> Result<&'static str> {
    match consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!(
            "the local cloud runs Lambda functions built for this machine, which is {other}; \
             Lambda knows only x86_64 and arm64"
        ),
    }
}

/// Builds `package` for this machine and packs it.
///
/// # Errors
/// When it does not compile.
pub(crate) async fn build(workspace: &Workspace, package: &str) -> Result<Package> {
    let step = report::step(format_args!("Build the Lambda function {package}"));
    let mut command = cargo();
    command
        .args(["build", "--release", "--package", package])
        .current_dir(&workspace.root);
    process::run(command).await?;
    let program = workspace
        .target
        .join("release")
        .join(workspace.binary(package)?);
    let program =
        std::fs::read(&program).with_context(|| format!("could not read {}", program.display()))?;
    let packed = Package::of_program(package, &program)?;
    step.done_with(format_args!("{} kB packed", packed.content.len() / 1000));
    Ok(packed)
}
