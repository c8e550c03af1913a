//! This program, for commands that start it again.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::workspace::Workspace;

/// The folder of the copy below that of Cargo.
const FOLDER: &str = "test";

/// The copy of this program that is there, or a new one.
///
/// # Errors
/// As [`copy`].
pub(crate) fn kept(workspace: &Workspace) -> Result<PathBuf> {
    let kept = place(workspace);
    if kept.is_file() {
        return Ok(kept);
    }
    copy(workspace)
}

/// A copy of this program that stays while Cargo builds: Cargo replaces the file that it has built, also while that
/// program runs, and the path of a replaced program leads nowhere.
///
/// # Errors
/// When the program is not found, or the folder cannot be written.
pub(crate) fn copy(workspace: &Workspace) -> Result<PathBuf> {
    let this = std::env::current_exe().context("could not find the file of this program")?;
    let copy = place(workspace);
    if this == copy {
        return Ok(copy);
    }
    let unfinished = copy.with_extension(std::process::id().to_string());
    std::fs::create_dir_all(workspace.target.join(FOLDER))
        .and_then(|()| std::fs::copy(&this, &unfinished))
        .and_then(|_| std::fs::rename(&unfinished, &copy))
        .with_context(|| format!("could not copy {} to {}", this.display(), copy.display()))?;
    Ok(copy)
}

fn place(workspace: &Workspace) -> PathBuf {
    workspace.target.join(FOLDER).join("xtask")
}
