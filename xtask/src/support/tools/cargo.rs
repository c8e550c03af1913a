//! Tools from crates.io, built from source by `cargo install`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;

use super::{Tool, names_version};
use crate::support::{
    cache::{self, Cache},
    process,
    workspace::{Workspace, cargo},
};

const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";

/// What builds and serves the application.
#[derive(Debug)]
pub(crate) struct WebTools {
    /// The folder of the program `trunk`.
    pub(crate) trunk: PathBuf,
    /// The folder of `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub(crate) wasm_bindgen: PathBuf,
}

/// Installs Trunk and the `wasm-bindgen` that belongs to the one in Cargo.lock.
///
/// # Errors
/// When Cargo.lock cannot be read or an installation fails.
pub(crate) async fn web_tools(workspace: &Workspace, cache: &Cache) -> Result<WebTools> {
    let lock = workspace.file("Cargo.lock");
    let lock = std::fs::read_to_string(&lock)
        .with_context(|| format!("could not read {}", lock.display()))?;
    let wasm_bindgen = locked_version(&lock, "wasm-bindgen")?;
    let tools = WebTools {
        trunk: install(cache, "trunk", "trunk", TRUNK, true).await?,
        // Its own lock file names a version of one dependency that some mirrors no longer carry.
        wasm_bindgen: install(
            cache,
            "wasm-bindgen-cli",
            "wasm-bindgen",
            &wasm_bindgen,
            false,
        )
        .await?,
    };
    discard_build(cache)?;
    Ok(tools)
}

/// Installs cargo-deny and returns the folder of its program.
///
/// # Errors
/// When the installation fails.
pub(crate) async fn deny(cache: &Cache) -> Result<PathBuf> {
    let folder = install(cache, "cargo-deny", "cargo-deny", CARGO_DENY, true).await?;
    discard_build(cache)?;
    Ok(folder)
}

/// Half a gigabyte that serves nobody once the programs are there; kept until then, so that an
/// aborted installation goes on where it stopped.
fn discard_build(cache: &Cache) -> Result<()> {
    cache::remove_folder(&cache.build_folder())
}

async fn install(
    cache: &Cache,
    package: &str,
    program: &str,
    version: &str,
    locked: bool,
) -> Result<PathBuf> {
    let tool = Tool {
        name: package.to_owned(),
        version: version.to_owned(),
        recipe: format!("{package} {version} locked={locked}"),
        remark: "from source (some minutes)",
    };
    let folder = tool
        .ensure(
            cache,
            async |folder| names_version(&folder.join("bin").join(program), version).await,
            async |folder, step, log| {
                let mut command = cargo();
                command
                    .args(["install", package, "--version", version])
                    .args(locked.then_some("--locked"))
                    .arg("--root")
                    .arg(folder)
                    .env("CARGO_TARGET_DIR", cache.build_folder())
                    // Released programs are optimized across all their packages, which takes as
                    // long again as the rest; nobody would notice the difference here.
                    .env("CARGO_PROFILE_RELEASE_LTO", "off")
                    .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                    .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                    // Outside the checkout, whose Cargo configuration is not meant for it.
                    .current_dir(cache.folder());
                process::run_condensed(command, step, log).await
            },
        )
        .await?;
    Ok(folder.join("bin"))
}

#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<LockedPackage>,
}

#[derive(Debug, Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

/// The version of `package` in the text of a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Result<String> {
    let lock: Lock = toml::from_str(lock).context("Cargo.lock is not a lock file of Cargo")?;
    lock.package
        .into_iter()
        .find(|locked| locked.name == package)
        .map(|locked| locked.version)
        .ok_or_else(|| anyhow!("Cargo.lock names no `{package}`, so its tool cannot be chosen"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        version = 4

        [[package]]
        name = "wasm-bindgen-macro"
        version = "0.2.99"

        [[package]]
        name = "wasm-bindgen"
        version = "0.2.130"
        dependencies = ["wasm-bindgen-macro"]
    "#;

    #[test]
    fn reads_the_version_of_exactly_the_named_package() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn says_which_package_is_not_locked() {
        let message = locked_version(LOCK, "leptos").unwrap_err().to_string();
        assert!(message.contains("`leptos`"), "{message}");
    }
}
