//! Files and folders, with errors that name them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

/// All files of a folder and of the folders in it, in no order.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let unreadable = || format!("could not list {}", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The names of the files in a folder that end with `end`, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn names_in(folder: &Path, end: &str) -> Result<Vec<String>> {
    let unreadable = || format!("could not list {}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let name = entry.with_context(unreadable)?.file_name();
        names.extend(name.into_string().ok().filter(|name| name.ends_with(end)));
    }
    names.sort_unstable();
    Ok(names)
}

/// The name of the one file in a folder that begins with `start` and ends with `end`.
///
/// # Errors
/// When there is none, or more than one.
pub(crate) fn only_name_in(folder: &Path, start: &str, end: &str) -> Result<String> {
    let mut names = names_in(folder, end)?;
    names.retain(|name| name.starts_with(start));
    let count = names.len();
    ensure!(count == 1, "{count} files are named {start}…{end}");
    names.pop().context("no file")
}

/// The content of a file.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub(crate) fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}

/// Writes a file.
///
/// # Errors
/// When that is not possible.
pub(crate) fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(file, content).with_context(|| format!("could not write {}", file.display()))
}

/// Removes a file.
///
/// # Errors
/// When that is not possible.
pub(crate) fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).with_context(|| format!("could not remove {}", file.display()))
}

/// Gives a file another name.
///
/// # Errors
/// When that is not possible.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("could not rename {}", from.display()))
}
