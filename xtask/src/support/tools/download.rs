//! Released programs, downloaded as the archive that their project publishes and pinned by its SHA-256.

use std::{
    env::consts::{ARCH, OS},
    fmt::Write as _,
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::support::process;

/// A release archive for one kind of machine.
#[derive(Debug)]
pub(crate) struct Archive {
    /// The operating system, as [`std::env::consts::OS`] names it.
    pub(crate) os: &'static str,
    /// The processor, as [`std::env::consts::ARCH`] names it.
    pub(crate) arch: &'static str,
    /// Where it is published: a gzipped tar.
    pub(crate) url: &'static str,
    /// The SHA-256 of its content, in hexadecimal.
    pub(crate) sha256: &'static str,
    /// How many folders in the archive the programs lie in.
    pub(crate) depth: u8,
}

/// The one of `archives` that is for this machine.
pub(crate) fn for_this_machine(archives: &'static [Archive]) -> Option<&'static Archive> {
    archives
        .iter()
        .find(|archive| archive.os == OS && archive.arch == ARCH)
}

/// Downloads `archive`, checks it, and unpacks its files into `folder`.
///
/// # Errors
/// When there is no network or no curl, when the content is not the pinned one, or when it cannot be unpacked.
pub(crate) async fn unpack(archive: &Archive, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    let file = folder.join("archive.tar.gz");
    let mut download = Command::new("curl");
    download
        .args(["--fail", "--silent", "--show-error", "--location"])
        .args(["--proto", "=https", "--connect-timeout", "5"])
        // A connection that is this slow would take longer than the compiler.
        .args(["--speed-time", "15", "--speed-limit", "20000"])
        .arg("--output")
        .arg(&file)
        .arg(archive.url);
    process::output(download).await?;
    let content =
        std::fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
    check(&content, archive)?;
    let mut unpack = Command::new("tar");
    unpack
        .arg("-xzf")
        .arg(&file)
        .arg("-C")
        .arg(folder)
        .arg(format!("--strip-components={}", archive.depth));
    process::output(unpack).await?;
    std::fs::remove_file(&file).with_context(|| format!("could not remove {}", file.display()))
}

fn check(content: &[u8], archive: &Archive) -> Result<()> {
    let digest = Sha256::digest(content);
    let found = digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if found != archive.sha256 {
        bail!(
            "{} has the SHA-256 {found}, but {} is pinned: it is not used",
            archive.url,
            archive.sha256
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: Archive = Archive {
        os: OS,
        arch: ARCH,
        url: "https://example.com/abc.tar.gz",
        // FIPS 180-4, appendix: the digest of "abc".
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        depth: 0,
    };

    #[test]
    fn only_the_pinned_content_is_used() {
        check(b"abc", &ABC).unwrap();
        let message = check(b"abd", &ABC).unwrap_err().to_string();
        assert!(
            message.starts_with("https://example.com/abc.tar.gz has"),
            "{message}"
        );
    }
}
