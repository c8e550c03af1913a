//! `cargo test` with its output in view and its tests counted.

use anyhow::Result;
use tokio::process::Command;

use super::tally::{Count, evaluate};
use crate::support::{
    cache::Cache,
    checked_build::{self, cargo_for_tests},
    process, report,
    tools::{self, wasm_target},
    workspace::{APPLICATION, Workspace, cargo},
};

/// Runs the examples in the documentation.
///
/// # Errors
/// When one does not compile, or none was run.
pub(crate) async fn documentation(workspace: &Workspace, filter: Option<&str>) -> Result<Count> {
    let mut command = cargo_for_tests(workspace, "test")?;
    command.args(["--doc", "--no-fail-fast"]).args(filter);
    run_tests(command, filter).await
}

/// Runs the tests of the application in a headless browser.
///
/// # Errors
/// When a tool is missing, or it ends without having run tests.
pub(crate) async fn wasm(
    workspace: &Workspace,
    cache: &Cache,
    filter: Option<&str>,
) -> Result<Count> {
    let browser = tools::browser::ensure().await?;
    wasm_target::ensure().await?;
    let runner = tools::cargo::test_runner(workspace, cache).await?;
    let mut command = cargo();
    command
        .args([
            "test",
            "--package",
            APPLICATION,
            "--target",
            wasm_target::TARGET,
            "--test",
            "web",
        ])
        .args(filter)
        .env("PATH", process::path_with(&[&runner])?)
        .env("CHROMEDRIVER", &browser.chromedriver)
        // A busy machine takes longer than the 5 and 20 seconds that the runner allows by itself.
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .current_dir(&workspace.root);
    checked_build::check_page(workspace, &mut command)?;
    run_tests(command, filter).await
}

/// Runs a test command with its output in view, and counts its tests.
///
/// # Errors
/// When it ends without having run tests.
pub(crate) async fn run_tests(command: Command, filter: Option<&str>) -> Result<Count> {
    let mut count = Count::default();
    let success = count_tests(command, &mut count).await?;
    evaluate(success, count, filter)
}

/// Runs a test command with its output in view, adds its tests to `count`, and returns whether it succeeded.
///
/// # Errors
/// When it cannot be started.
pub(super) async fn count_tests(command: Command, count: &mut Count) -> Result<bool> {
    let status = process::run_reading(command, |line| {
        count.add_line(line);
        report::line(line);
    });
    Ok(status.await?.success())
}
