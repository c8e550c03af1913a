//! The Lambda functions: built by Cargo, packed as AWS wants a custom runtime.

use std::{
    env::consts,
    io::{Cursor, Write as _},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    process, report,
    workspace::{Workspace, cargo},
};

/// The package of the function behind the demo routes.
pub(crate) const DEMO_API: &str = "demo-api";

/// A function ready to be uploaded.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its key in the code bucket. It changes with the content, so that a deployment sees new code.
    pub(crate) key: String,
    /// The zip archive.
    pub(crate) archive: Vec<u8>,
}

/// The architecture that functions built here run on, in the words of AWS.
///
/// # Errors
/// When AWS, and so the template, has no such architecture.
pub(crate) fn host_architecture() -> Result<&'static str> {
    match consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!(
            "the local cloud runs Lambda functions built for this machine, which is {other}; \
             Lambda knows only x86_64 and arm64"
        ),
    }
}

/// Builds `package` for this machine and packs it.
///
/// # Errors
/// When it does not compile.
pub(crate) async fn build(workspace: &Workspace, package: &str) -> Result<Package> {
    let step = report::step(format_args!("Build the Lambda function {package}"));
    let mut command = cargo();
    command
        .args(["build", "--release", "--package", package])
        .current_dir(&workspace.root);
    process::run(command).await?;
    let program = workspace
        .target
        .join("release")
        .join(workspace.binary(package)?);
    let program =
        std::fs::read(&program).with_context(|| format!("could not read {}", program.display()))?;
    let packed = pack(package, &program)?;
    step.done_with(format_args!("{} kB packed", packed.archive.len() / 1000));
    Ok(packed)
}

fn pack(name: &str, program: &[u8]) -> Result<Package> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Lambda starts a file of this name; without the mode it could not.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o755);
    archive
        .start_file("bootstrap", options)
        .context("could not pack the function")?;
    archive
        .write_all(program)
        .context("could not pack the function")?;
    let archive = archive
        .finish()
        .context("could not pack the function")?
        .into_inner();
    let digest = Sha256::digest(program);
    let start = digest
        .first_chunk()
        .map_or(0, |start| u64::from_be_bytes(*start));
    Ok(Package {
        key: format!("{name}-{start:016x}.zip"),
        archive,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_the_program_as_an_executable_bootstrap() {
        let package = pack("demo-api", b"program").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(package.archive)).unwrap();
        assert_eq!(archive.len(), 1);
        let file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
    }

    #[test]
    fn the_key_follows_the_content_and_nothing_else() {
        let package = |program: &[u8]| pack("demo-api", program).unwrap().key;
        assert_eq!(package(b"one"), package(b"one"));
        assert_ne!(package(b"one"), package(b"two"));
    }
}
