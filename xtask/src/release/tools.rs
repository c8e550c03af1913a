//! The programs that work on what Trunk wrote.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tokio::process::Command;

use crate::support::process;

/// Where they are.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The bundler.
    pub(crate) esbuild: PathBuf,
    /// The folder of Binaryen's programs.
    pub(crate) binaryen: PathBuf,
    /// The minifier.
    pub(crate) terser: PathBuf,
}

/// Minifies `source`, with more options of the bundler.
///
/// # Errors
/// When the bundler fails.
pub(super) async fn esbuild(
    tools: &Tools,
    source: &Path,
    more: &[&str],
    output: &Path,
) -> Result<()> {
    let mut command = Command::new(&tools.esbuild);
    command
        // It warns of what wasm-bindgen writes: a key that is there twice.
        .args(["--minify", "--log-level=error"])
        .args(more)
        .arg(source)
        .arg(format!("--outfile={}", output.display()));
    process::run(command).await
}
