//! A build of the page that is already there: made from the same sources by the same compiler, and unchanged since. It is kept, because
//! optimizing and compressing a release take a minute also where the compiler has nothing to do.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::names::{hash, hex};
use crate::support::{files::files_below, process};

/// What pages are made from. The tool is among it: it optimizes and names what the compiler wrote.
const SOURCES: [&str; 13] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "boot.js",
    "build.rs",
    "crates",
    "index.html",
    "public",
    "rust-toolchain.toml",
    "src",
    "style",
    "xtask",
];

/// How variables of the environment begin that change what Cargo builds.
const VARIABLES: [&str; 5] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "RUSTFLAGS",
];

/// The record of what a release was built from and of what it is, outside its folder.
#[derive(Debug)]
pub(super) struct Record {
    file: PathBuf,
    sources: String,
}

impl Record {
    /// The record of the build in the folder `dist`, for the sources below `root` as they are now, `own` among them; `target` is
    /// Cargo's folder.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub(super) async fn open(
        root: &Path,
        target: &Path,
        dist: &Path,
        own: &[&str],
    ) -> Result<Self> {
        let mut compiler = Command::new("rustc");
        compiler.arg("-vV").current_dir(root);
        let compiler = process::output(compiler).await?;
        let mut digest = Sha256::new();
        add(&mut digest, compiler.as_bytes());
        let mut variables: Vec<_> = env::vars_os().collect();
        variables.sort();
        for (name, value) in variables {
            let text = name.to_string_lossy();
            if VARIABLES.iter().any(|start| text.starts_with(start)) {
                add(&mut digest, name.as_encoded_bytes());
                add(&mut digest, value.as_encoded_bytes());
            }
        }
        for source in SOURCES.iter().chain(own) {
            add_files(&mut digest, root, &root.join(source))?;
        }
        let name = hash(dist.as_os_str().as_encoded_bytes());
        let file = target.join("releases").join(name);
        let sources = hex(digest.finalize().as_slice());
        Ok(Self { file, sources })
    }

    /// Whether the folder has what was last built into it, and that was built from these sources.
    pub(super) fn is_of(&self, dist: &Path) -> bool {
        let kept = fs::read_to_string(&self.file);
        kept.is_ok_and(|kept| self.text(dist).is_ok_and(|text| text == kept))
    }

    /// Notes that the folder has what these sources give.
    ///
    /// # Errors
    /// When a file cannot be read, or the record not be written.
    pub(super) fn write(&self, dist: &Path) -> Result<()> {
        let text = self.text(dist)?;
        let unwritable = || format!("could not write {}", self.file.display());
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(unwritable)?;
        }
        fs::write(&self.file, text).with_context(unwritable)
    }

    fn text(&self, dist: &Path) -> Result<String> {
        let mut digest = Sha256::new();
        add_files(&mut digest, dist, dist)?;
        let files = hex(digest.finalize().as_slice());
        Ok(format!("sources {}\nfiles {files}\n", self.sources))
    }
}

/// Adds the name and the content of a file, or of each file of a folder. What is not there adds nothing.
fn add_files(digest: &mut Sha256, root: &Path, path: &Path) -> Result<()> {
    let mut files = if path.is_dir() {
        files_below(path)?
    } else if path.exists() {
        vec![path.to_owned()]
    } else {
        Vec::new()
    };
    files.sort();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        add(digest, name.as_os_str().as_encoded_bytes());
        let content = fs::read(&file);
        add(
            digest,
            &content.with_context(|| format!("could not read {}", file.display()))?,
        );
    }
    Ok(())
}

/// Adds a part whose end is known, so that no two lists of parts are alike.
fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update(part.len().to_be_bytes());
    digest.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, content: &str) {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    async fn record(root: &Path) -> Record {
        let (target, dist) = (root.join("target"), root.join("dist"));
        Record::open(root, &target, &dist, &["examples"])
            .await
            .unwrap()
    }

    async fn is_kept(root: &Path) -> bool {
        record(root).await.is_of(&root.join("dist"))
    }

    #[tokio::test]
    async fn a_release_is_kept_until_a_source_or_one_of_its_files_changes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let dist = root.join("dist");
        write(root, "src/main.rs", "one");
        write(root, "docs/page.md", "one");
        write(root, "dist/app.js", "one");
        assert!(!is_kept(root).await, "nothing was built yet");

        record(root).await.write(&dist).unwrap();
        assert!(is_kept(root).await);
        write(root, "docs/page.md", "two");
        assert!(
            is_kept(root).await,
            "a page of the documentation is no source"
        );

        for (name, content) in [
            ("src/main.rs", "two"),
            ("src/other.rs", ""),
            ("examples/one/index.html", "two"),
            ("dist/app.js", "two"),
        ] {
            record(root).await.write(&dist).unwrap();
            assert!(is_kept(root).await);
            write(root, name, content);
            assert!(!is_kept(root).await, "{name} changed");
        }
    }
}
