//! The compiler's `wasm32-unknown-unknown` target.

use std::path::Path;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::{process, report};

/// The target that browsers run.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target to the compiler in use where it is missing.
///
/// # Errors
/// When rustup is missing or fails.
pub(crate) async fn ensure() -> Result<()> {
    if is_installed().await? {
        report::line(format_args!("==> Rust target {TARGET} is installed"));
        return Ok(());
    }
    if process::find_program("rustup").is_none() {
        bail!(
            "the Rust compiler has no target {TARGET}, and rustup, which could add it, was not \
             found; install Rust from https://rustup.rs, or the target from where Rust came from"
        );
    }
    let step = report::step(format_args!("Install Rust target {TARGET}"));
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    process::run(command).await?;
    step.done();
    Ok(())
}

async fn is_installed() -> Result<bool> {
    let mut command = Command::new("rustc");
    command.args(["--print", "sysroot"]);
    let sysroot = process::output(command).await?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir())
}
