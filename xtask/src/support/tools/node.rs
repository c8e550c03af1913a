//! Tools from npm, each in a folder of its own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tokio::process::Command;

use super::{Tool, system};
use crate::support::{cache::Cache, process, workspace::Workspace};

const PROGRAMS: [&str; 2] = ["node", "npm"];
const PACKAGES: [&str; 2] = ["nodejs", "npm"];

/// The program that runs what is not a program by itself.
///
/// # Errors
/// When it is missing and cannot be installed here.
pub(crate) async fn node() -> Result<PathBuf> {
    system::ensure(&PROGRAMS, &PACKAGES).await?;
    process::find_program("node").context("no Node.js on PATH")
}

/// Installs Binaryen and returns the folder of its program `wasm-opt`.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn wasm_opt(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let modules = ensure(workspace, cache, "binaryen", ".bin/wasm-opt").await?;
    Ok(modules.join(".bin"))
}

/// Installs terser, the minifier, and returns its program.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn terser(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let modules = ensure(workspace, cache, "terser", ".bin/terser").await?;
    Ok(modules.join(".bin/terser"))
}

/// Installs esbuild, the bundler, and returns its program.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn esbuild(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let modules = ensure(workspace, cache, "esbuild", ".bin/esbuild").await?;
    Ok(modules.join(".bin/esbuild"))
}

/// Installs axe, the accessibility checker, and returns its script.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn axe(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let script = "axe-core/axe.min.js";
    let modules = ensure(workspace, cache, "axe-core", script).await?;
    Ok(modules.join(script))
}

/// Installs oidc-provider, the identity provider of the end-to-end tests, and returns the folder of modules that it
/// is in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn oidc_provider(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let file = "oidc-provider/package.json";
    ensure(workspace, cache, "oidc-provider", file).await
}

/// Installs superstatic, the server in the Firebase CLI, and returns the folder of modules that it is in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn superstatic(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    ensure(workspace, cache, "superstatic", "superstatic/package.json").await
}

/// Installs the signers that `cargo xtask bench sign` compares with, and returns the folder of modules that they are in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn signers(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    ensure(workspace, cache, "signers", ".bin/esbuild").await
}

/// Installs what `cargo xtask bench load` compares with, and returns the folder of modules that it is in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn load_peers(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    ensure(workspace, cache, "load-peers", ".bin/esbuild").await
}

/// What is read of a `package.json`.
#[derive(Debug, Deserialize)]
struct Manifest {
    /// Of a set of packages without one that gives it the name.
    version: Option<String>,
    dependencies: BTreeMap<String, String>,
}

/// Installs `package`, pinned with all it needs by the lock file in `xtask/tools/npm/<package>`, and returns the folder
/// of modules that it is in. `file` is one of those that are used, in that folder.
async fn ensure(
    workspace: &Workspace,
    cache: &Cache,
    package: &str,
    file: &str,
) -> Result<PathBuf> {
    system::ensure(&PROGRAMS, &PACKAGES).await?;
    let source = workspace.file("xtask/tools/npm").join(package);
    let read = |name: &str| {
        let file = source.join(name);
        let text = std::fs::read_to_string(&file);
        text.with_context(|| format!("could not read {}", file.display()))
    };
    let (manifest, lock) = (read("package.json")?, read("package-lock.json")?);
    let tool = Tool {
        name: package.to_owned(),
        version: pinned_version(&manifest, package)?,
        recipe: lock.clone(),
        remark: "from npm",
    };
    let works = async |folder: &Path| folder.join("node_modules").join(file).is_file();
    let folder = tool
        .ensure(cache, works, async |folder, step, log| {
            for (name, text) in [("package.json", &manifest), ("package-lock.json", &lock)] {
                let file = folder.join(name);
                std::fs::write(&file, text)
                    .with_context(|| format!("could not write {}", file.display()))?;
            }
            let mut command = Command::new("npm");
            command
                // `ci` installs what the lock file names, and only with the content that it names.
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(folder);
            process::run_condensed(command, step, log).await
        })
        .await?;
    Ok(folder.join("node_modules"))
}

/// The version that the text of a `package.json` pins `package` to, or that of the set of packages which it is.
fn pinned_version(manifest: &str, package: &str) -> Result<String> {
    let manifest: Manifest = serde_json::from_str(manifest)
        .with_context(|| format!("xtask/tools/npm/{package}/package.json is not readable"))?;
    let pinned = manifest.dependencies.get(package).cloned();
    pinned
        .or(manifest.version)
        .with_context(|| format!("xtask/tools/npm/{package}/package.json does not name {package}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_pinned_version_from_the_manifest() {
        let manifest = r#"{"dependencies": {"terser": "5.51.2"}}"#;
        assert_eq!(pinned_version(manifest, "terser").unwrap(), "5.51.2");
        assert!(pinned_version(manifest, "binaryen").is_err());
        let set = r#"{"version": "1.0.0", "dependencies": {"aws4fetch": "1.0.20"}}"#;
        assert_eq!(pinned_version(set, "signers").unwrap(), "1.0.0");
    }
}
