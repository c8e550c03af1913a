//! `cargo xtask check`: everything about the code that can be told without running it.

use std::path::Path;

use anyhow::Result;
use tokio::process::Command;

use super::tally::{Count, Tally};
use crate::support::{
    cache::Cache,
    process,
    tools::{self, wasm_target},
    workspace::{APPLICATION, DOCTOR, LIBRARY, OPENAPI, Workspace, cargo},
};

/// Runs every check and notes each in `tally`.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache, tally: &mut Tally) {
    let root = workspace.root.as_path();
    tally
        .run("format", one(root, &["fmt", "--all", "--check"]))
        .await;
    let host = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    tally.run("clippy", one(root, &host)).await;
    tally
        .run("clippy for the browser", clippy_for_the_browser(root))
        .await;
    tally
        .run("features of the library", features_of_the_library(root))
        .await;
    tally
        .run("examples for the browser", examples_for_the_browser(root))
        .await;
    tally
        .run("tests of the splitting tool", splitting_tool(workspace))
        .await;
    tally.run("documentation", documentation(root)).await;
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

async fn clippy_for_the_browser(root: &Path) -> Result<Count> {
    wasm_target::ensure().await?;
    let package = [
        "clippy",
        "--package",
        APPLICATION,
        "--package",
        LIBRARY,
        "--package",
        OPENAPI,
        "--package",
        DOCTOR,
        "--target",
        wasm_target::TARGET,
    ];
    // The console is built with the features, and an app that embeds the library usually without.
    let targets = ["--lib", "--bins", "--test", "web", "--features"];
    let targets = [
        targets.as_slice(),
        &["signer-module,split", "--", "-D", "warnings"],
    ]
    .concat();
    one(root, &[package.as_slice(), &targets].concat()).await
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

/// The packages below `examples/`, and the page of the tests. Each is checked alone: together they would share the features of the
/// library.
const EXAMPLES: [&str; 5] = [
    "velvet-rope-minimal",
    "velvet-rope-page",
    "velvet-rope-plain",
    "velvet-rope-routes",
    "velvet-rope-todo",
];

async fn examples_for_the_browser(root: &Path) -> Result<Count> {
    wasm_target::ensure().await?;
    for example in EXAMPLES {
        let package = [
            "clippy",
            "--package",
            example,
            "--target",
            wasm_target::TARGET,
        ];
        let warnings = ["--", "-D", "warnings"];
        one(root, &[package.as_slice(), &warnings].concat()).await?;
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

async fn documentation(root: &Path) -> Result<Count> {
    let mut command = cargo();
    command
        .args(["doc", "--workspace", "--no-deps"])
        // There are no examples. But with an option that may need the dependencies of tests, Cargo selects the features that Clippy
        // has checked each dependency with.
        .args(["--lib", "--bins", "--examples"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root);
    passed(command).await
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
