//! The examples as the tests serve them: built by Trunk for development.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tokio::process::Command;

use crate::support::{
    cache::Cache,
    process, report,
    tools::{self, cargo::WebTools},
    workspace::Workspace,
};

/// The folders below `examples/`.
const EXAMPLES: [&str; 3] = ["minimal", "plain", "routes"];

/// Builds each example into a folder of its name below `target/`, and returns the folder of all.
///
/// # Errors
/// When a tool is missing or a build fails.
pub(crate) async fn build(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    tools::wasm_target::ensure().await?;
    let web_tools = tools::cargo::web_tools(workspace, cache).await?;
    let folder = workspace.target.join("examples-dist");
    let step = report::step("Build the examples");
    for example in EXAMPLES {
        build_one(workspace, &web_tools, example, &folder.join(example)).await?;
    }
    step.done();
    Ok(folder)
}

async fn build_one(
    workspace: &Workspace,
    web_tools: &WebTools,
    example: &str,
    dist: &Path,
) -> Result<()> {
    let mut command = Command::new(web_tools.trunk.join("trunk"));
    command
        .args(["build", "--dist"])
        .arg(dist)
        .env("PATH", process::path_with(&[&web_tools.wasm_bindgen])?)
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        // The tests serve a configuration of their own.
        .env(
            "VELVET_ROPE_CONFIG",
            workspace.root.join("public/config.example.json"),
        )
        .current_dir(workspace.root.join("examples").join(example));
    process::run(command).await
}
