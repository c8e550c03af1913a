//! Targets of the Rust compiler, added by rustup where they are missing.

use std::path::Path;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::support::{process, report};

/// Adds `target` to the compiler in use where it is missing.
///
/// # Errors
/// When rustup is missing or fails.
pub(crate) async fn ensure(target: &str) -> Result<()> {
    if is_installed(target).await? {
        report::line(format_args!("==> Rust target {target} is installed"));
        return Ok(());
    }
    if process::find_program("rustup").is_none() {
        bail!(
            "the Rust compiler has no target {target}, and rustup, which could add it, was not \
             found; install Rust from https://rustup.rs, or the target from where Rust came from"
        );
    }
    let step = report::step(format_args!("Install Rust target {target}"));
    let mut command = Command::new("rustup");
    command.args(["target", "add", target]);
    process::run(command).await?;
    step.done();
    Ok(())
}

async fn is_installed(target: &str) -> Result<bool> {
    let mut command = Command::new("rustc");
    command.args(["--print", "sysroot"]);
    let sysroot = process::output(command).await?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .join("lib")
        .is_dir())
}
