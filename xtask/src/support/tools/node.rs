//! Tools from npm, each in a folder of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::{Tool, system};
use crate::support::{cache::Cache, process};

const PROGRAMS: [&str; 2] = ["node", "npm"];
const PACKAGES: [&str; 2] = ["nodejs", "npm"];

const BINARYEN: &str = "132.0.0";
const AXE: &str = "4.14.1";
const TERSER: &str = "5.51.2";
const OIDC_PROVIDER: &str = "9.13.3";
const SUPERSTATIC: &str = "9.2.0";

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
pub(crate) async fn wasm_opt(cache: &Cache) -> Result<PathBuf> {
    ensure(cache, "binaryen", BINARYEN, "node_modules/.bin/wasm-opt").await?;
    let folder = cache.installation("binaryen", BINARYEN);
    Ok(folder.folder().join("node_modules/.bin"))
}

/// Installs terser, the minifier, and returns its program.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn terser(cache: &Cache) -> Result<PathBuf> {
    ensure(cache, "terser", TERSER, "node_modules/.bin/terser").await
}

/// Installs axe, the accessibility checker, and returns its script.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn axe(cache: &Cache) -> Result<PathBuf> {
    ensure(cache, "axe-core", AXE, "node_modules/axe-core/axe.min.js").await
}

/// Installs oidc-provider, which people sign in at in end-to-end tests, and returns the folder of modules that
/// it is in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn oidc_provider(cache: &Cache) -> Result<PathBuf> {
    let file = "node_modules/oidc-provider/package.json";
    ensure(cache, "oidc-provider", OIDC_PROVIDER, file).await?;
    let folder = cache.installation("oidc-provider", OIDC_PROVIDER);
    Ok(folder.folder().join("node_modules"))
}

/// Installs superstatic, the server in the Firebase CLI, and returns the folder of modules that it is in.
///
/// # Errors
/// When Node.js is missing or the installation fails.
pub(crate) async fn superstatic(cache: &Cache) -> Result<PathBuf> {
    let file = "node_modules/superstatic/package.json";
    ensure(cache, "superstatic", SUPERSTATIC, file).await?;
    let folder = cache.installation("superstatic", SUPERSTATIC);
    Ok(folder.folder().join("node_modules"))
}

async fn ensure(cache: &Cache, package: &str, version: &str, file: &str) -> Result<PathBuf> {
    system::ensure(&PROGRAMS, &PACKAGES).await?;
    let tool = Tool {
        name: package.to_owned(),
        version: version.to_owned(),
        recipe: format!("{package}@{version}"),
        remark: "from npm",
    };
    let works = async |folder: &Path| folder.join(file).is_file();
    let folder = tool
        .ensure(cache, works, async |folder, step, log| {
            let mut command = Command::new("npm");
            command
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(folder)
                .arg(format!("{package}@{version}"))
                .current_dir(cache.folder());
            process::run_condensed(command, step, log).await
        })
        .await?;
    Ok(folder.join(file))
}
