//! `cargo xtask check`: everything about the code that can be told without running it.

use std::path::Path;

use anyhow::Result;
use tokio::process::Command;

use super::{
    programs::Programs,
    tally::{Count, Tally},
};
use crate::support::{
    cache::Cache,
    checked_build, process,
    tools::{self, wasm_target},
    workspace::{APPLICATION, DOCTOR, LIBRARY, OPENAPI, Workspace, cargo},
};

/// Runs the checks that compile the packages of the workspace, and notes each in `tally`.
pub(crate) async fn run(workspace: &Workspace, tally: &mut Tally) {
    let root = workspace.root.as_path();
    tally
        .run("format", one(root, &["fmt", "--all", "--check"]))
        .await;
    let built = async { Programs::build(workspace).await?.without_warnings() };
    tally.run("clippy and documentation", built).await;
    tally
        .run("clippy for the browser", app_for_the_browser(workspace))
        .await;
    tally
        .run("features of the library", features_of_the_library(root))
        .await;
    tally
        .run(
            "examples for the browser",
            examples_for_the_browser(workspace),
        )
        .await;
}

/// Runs the checks that leave the packages of the workspace alone, and notes each in `tally`. Most of them use one core.
pub(crate) async fn tooling(workspace: &Workspace, cache: &Cache, tally: &mut Tally) {
    tally
        .run("tests of the splitting tool", splitting_tool(workspace))
        .await;
    tally.run("templates", templates(workspace, cache)).await;
    tally
        .run("dependencies", dependencies(workspace, cache))
        .await;
}

async fn one(root: &Path, arguments: &[&str]) -> Result<Count> {
    let mut command = cargo();
    command.args(arguments).current_dir(root);
    passed(command).await
}

async fn passed(command: Command) -> Result<Count> {
    process::run(command).await?;
    Ok(Count::ONE_PASSED)
}

/// The page, as the tests in the browser compile it, and with the features of a release.
async fn app_for_the_browser(workspace: &Workspace) -> Result<Count> {
    let packages = [APPLICATION, LIBRARY, OPENAPI, DOCTOR];
    let mut options: Vec<_> = packages
        .into_iter()
        .flat_map(|package| ["--package", package])
        .collect();
    // The console is built with the features, and an app that embeds the library usually without.
    options.extend(["--lib", "--bins", "--test", "web"]);
    options.extend(["--features", "signer-module,split"]);
    for_the_browser(workspace, &options).await?;
    Ok(Count::ONE_PASSED)
}

/// Compiles packages for the browser, with Clippy and rustdoc.
async fn for_the_browser(workspace: &Workspace, options: &[&str]) -> Result<()> {
    wasm_target::ensure().await?;
    let mut command = cargo();
    command
        .args(["build", "--target", wasm_target::TARGET])
        .args(options)
        .current_dir(&workspace.root);
    checked_build::check_page(workspace, &mut command)?;
    process::run(command).await
}

/// The pure modules compile on this machine and for the browser; each feature compiles without the next one.
async fn features_of_the_library(root: &Path) -> Result<Count> {
    wasm_target::ensure().await?;
    let check = ["check", "--package", LIBRARY, "--no-default-features"];
    one(root, &check).await?;
    for features in ["", "browser", "leptos", "signer-module", "split"] {
        let browser = ["--features", features, "--target", wasm_target::TARGET];
        one(root, &[check.as_slice(), &browser].concat()).await?;
    }
    Ok(Count::ONE_PASSED)
}

/// The packages that are for the browser only: those below `examples/`, and the pages of the tests and of a benchmark. Each is checked
/// alone: together they would share the features of the library.
const EXAMPLES: [&str; 6] = [
    "bench-sign",
    "velvet-rope-minimal",
    "velvet-rope-page",
    "velvet-rope-plain",
    "velvet-rope-routes",
    "velvet-rope-todo",
];

async fn examples_for_the_browser(workspace: &Workspace) -> Result<Count> {
    for example in EXAMPLES {
        for_the_browser(workspace, &["--package", example]).await?;
    }
    Ok(Count::ONE_PASSED)
}

/// The tool is a workspace of its own: it has the versions of wasm-bindgen, not those of the app.
async fn splitting_tool(workspace: &Workspace) -> Result<Count> {
    // `start` builds it without.
    for features in ["split", ""] {
        let mut command = cargo();
        command
            .args(["test", "--quiet", "--locked", "--manifest-path"])
            .arg(workspace.file("xtask/tools/wasm-bindgen/Cargo.toml"))
            .args(["--features", features])
            .env("CARGO_TARGET_DIR", workspace.target.join("tools"))
            .env("RUSTFLAGS", "-D warnings")
            .current_dir(&workspace.root);
        process::run(command).await?;
    }
    Ok(Count::ONE_PASSED)
}

async fn templates(workspace: &Workspace, cache: &Cache) -> Result<Count> {
    let cfn_lint = tools::python::ensure(workspace, cache, "cfn-lint").await?;
    let mut command = Command::new(cfn_lint);
    command
        // It takes patterns, and fails when there is nothing to match.
        .arg("infra/*.yaml")
        .current_dir(&workspace.root);
    passed(command).await
}

async fn dependencies(workspace: &Workspace, cache: &Cache) -> Result<Count> {
    let deny = tools::cargo::deny(cache).await?;
    let mut command = Command::new(deny.join("cargo-deny"));
    command
        // Advisories change from day to day and need the network; the rest is decided by Cargo.lock.
        .args([
            "--workspace",
            "--offline",
            "check",
            "licenses",
            "sources",
            "bans",
        ])
        .current_dir(&workspace.root);
    passed(command).await
}
