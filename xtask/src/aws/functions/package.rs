//! What is uploaded for a stack to be made of: code and nested templates.

use std::io::{Cursor, Write as _};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// How small a function is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As it is: for a cloud on this machine, where compressing takes longer than everything after it.
    Whole,
    /// Compressed, for AWS.
    Small,
}

/// Something ready to be uploaded.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its key in the code bucket. It changes with the content, so that a deployment sees the change.
    pub(crate) key: String,
    /// What it holds.
    pub(crate) content: Vec<u8>,
}

impl Package {
    /// The function `name`, packed as AWS wants a custom runtime.
    ///
    /// # Errors
    /// When it is too large for an archive.
    pub(crate) fn of_program(name: &str, program: &[u8], size: Size) -> Result<Self> {
        Ok(Self {
            key: key(name, program, "zip"),
            content: pack(program, size).context("could not pack the function")?,
        })
    }

    /// The template of the part `name`.
    pub(crate) fn of_template(name: &str, template: Vec<u8>) -> Self {
        Self {
            key: key(name, &template, "yaml"),
            content: template,
        }
    }
}

fn key(name: &str, content: &[u8], extension: &str) -> String {
    format!("{name}-{}.{extension}", short_digest(content))
}

/// Enough of a digest to distinguish two versions: 16 hexadecimal digits.
pub(crate) fn short_digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let start = digest.first_chunk();
    format!(
        "{:016x}",
        start.map_or(0, |start| u64::from_be_bytes(*start))
    )
}

fn pack(program: &[u8], size: Size) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Lambda starts a file of this name; without the mode it could not.
    let options = SimpleFileOptions::default()
        .compression_method(match size {
            Size::Whole => CompressionMethod::Stored,
            Size::Small => CompressionMethod::Deflated,
        })
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options)?;
    archive.write_all(program)?;
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn packs_the_program_as_an_executable_bootstrap() {
        let program = [7; 10_000];
        for (size, at_most) in [(Size::Whole, 11_000), (Size::Small, 1_000)] {
            let package = Package::of_program("demo-api", &program, size).unwrap();
            assert!(package.content.len() < at_most, "{size:?}");
            let mut archive = zip::ZipArchive::new(Cursor::new(package.content)).unwrap();
            assert_eq!(archive.len(), 1);
            let mut file = archive.by_name("bootstrap").unwrap();
            assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
            let mut unpacked = Vec::new();
            file.read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, program);
        }
    }

    #[test]
    fn the_key_follows_the_content_and_nothing_else() {
        let key = |program: &[u8]| {
            Package::of_program("demo-api", program, Size::Small)
                .unwrap()
                .key
        };
        assert_eq!(key(b"one"), key(b"one"));
        assert_ne!(key(b"one"), key(b"two"));
        let template = |text: &str| Package::of_template("part", text.into()).key;
        assert_ne!(template("one"), template("two"));
    }
}
