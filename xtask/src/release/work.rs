//! What the steps of a release share: the programs, and files with errors that name them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::support::process;

/// The programs that are used.
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

/// The names of the files in `folder` that end with `end`, sorted.
pub(super) fn files_in(folder: &Path, end: &str) -> Result<Vec<String>> {
    let unreadable = || format!("could not list {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let name = entry.with_context(unreadable)?.file_name();
        files.extend(name.into_string().ok().filter(|name| name.ends_with(end)));
    }
    files.sort_unstable();
    Ok(files)
}

pub(super) fn only_file(folder: &Path, start: &str, end: &str) -> Result<String> {
    let mut files = files_in(folder, end)?;
    files.retain(|file| file.starts_with(start));
    let count = files.len();
    ensure!(count == 1, "{count} files are named {start}…{end}");
    files.pop().context("no file")
}

pub(super) fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).with_context(|| format!("could not remove {}", file.display()))
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("could not rename {}", from.display()))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

pub(super) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}
