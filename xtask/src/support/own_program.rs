//! This program, for commands that start it again.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::workspace::Workspace;

/// A copy of this program that stays while Cargo builds: Cargo replaces the file that it has built, also while that
/// program runs, and the path of a replaced program leads nowhere.
///
/// # Errors
/// When the program is not found, or the folder cannot be written.
pub(crate) fn copy(workspace: &Workspace) -> Result<PathBuf> {
    let this = std::env::current_exe().context("could not find the file of this program")?;
    let folder = workspace.target.join("test");
    let copy = folder.join("xtask");
    if this == copy {
        return Ok(copy);
    }
    let unfinished = folder.join(format!("xtask.{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(&this, &unfinished))
        .and_then(|_| std::fs::rename(&unfinished, &copy))
        .with_context(|| format!("could not copy {} to {}", this.display(), copy.display()))?;
    Ok(copy)
}
