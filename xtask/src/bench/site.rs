//! Measurements of sites in Chromium by a program of Node.js, which reads a plan and prints JSON.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::process::Command;

use super::report;
use crate::support::{cache, files, process, report::step, tools, workspace::Workspace};

/// Makes an empty folder.
///
/// # Errors
/// When that is not possible.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    cache::remove_folder(folder)?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("could not create {}", folder.display()))
}

/// Runs `run.mjs` in the folder `sources` with a plan, to which the browser is added, and reads what it prints.
///
/// # Errors
/// When a tool is missing, or the program fails or prints something else.
pub(super) async fn run<T: DeserializeOwned>(
    workspace: &Workspace,
    folder: &Path,
    sources: &str,
    mut plan: Value,
) -> Result<T> {
    plan["chromium"] = json!(tools::browser::ensure().await?.chromium);
    let file = folder.join("plan.json");
    files::write(&file, plan.to_string())?;
    let measuring = step("Measure in Chromium");
    let mut command = Command::new(tools::node::node().await?);
    command
        .arg(workspace.file(sources).join("run.mjs"))
        .arg(&file);
    let answer = process::output(command).await?;
    measuring.done();
    serde_json::from_str(&answer).context("the program printed something else")
}

/// The machine and the browser, which calls itself `Chrome/156.0.1.2`.
pub(super) fn machine(browser: &str) -> String {
    let version = browser.split_once("Chrome/").map(|(_, rest)| rest);
    let version = version.and_then(|rest| rest.split(['.', ' ']).next());
    let version = version.unwrap_or("of unknown version");
    format!("{}; Chromium {version}, headless", report::machine())
}
