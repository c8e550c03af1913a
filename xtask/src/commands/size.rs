//! `cargo xtask size`: which crates and modules the bytes of the app belong to, so that growth has an address.

use std::path::Path;

use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::{
    release::weigh,
    support::{
        cache::{self, Cache},
        files::files_below,
        process, report, tools,
        workspace::{APPLICATION, Workspace, cargo},
    },
};

/// The owners that are named for each file.
const ROWS: usize = 25;

/// Builds the app as `dist` does, but with the names of its functions, and prints the bytes of the module and of its parts.
///
/// # Errors
/// When a tool is missing or the build fails.
pub(crate) async fn run() -> Result<()> {
    let workspace = Workspace::find().await?;
    tools::wasm_target::ensure().await?;
    let web_tools =
        tools::cargo::web_tools(&workspace, &Cache::open()?, tools::cargo::Page::InParts).await?;
    let step = report::step("Build the app");
    let mut command = cargo();
    command
        .args(["build", "--release", "--package", APPLICATION])
        .args(["--bin", "velvet-rope", "--features", "signer-module,split"])
        .args(["--target", tools::wasm_target::TARGET])
        .current_dir(&workspace.root);
    process::run(command).await?;
    let built = workspace.target.join(tools::wasm_target::TARGET);
    let folder = workspace.target.join("size");
    cache::remove_folder(&folder)?;
    let mut command = Command::new(web_tools.wasm_bindgen.join("wasm-bindgen"));
    command
        .args(["--target", "web", "--no-typescript", "--keep-debug"])
        .args(["--out-name", "app", "--out-dir"])
        .arg(&folder)
        .arg(built.join("release/velvet-rope.wasm"));
    process::run(command).await?;
    step.done();

    let mut files = files_below(&folder)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "wasm"));
    files.sort_unstable();
    for file in files {
        print(&file)?;
    }
    Ok(())
}

fn print(file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let module = std::fs::read(file).with_context(|| format!("could not read {name}"))?;
    let weights = weigh::weigh(&module).with_context(|| name.to_string())?;
    report::line(format_args!("{name}\n{}", weigh::table(&weights, ROWS)));
    Ok(())
}
