//! The application as it is developed: built without optimization, served with live reload.

use std::path::PathBuf;

use anyhow::Result;
use tokio::process::Command;

use super::examples::Example;
use crate::support::{
    process, report,
    tools::{cargo::WebTools, wasm_target},
    workspace::{APPLICATION, Workspace, cargo},
};

/// The variable that names another configuration of Trunk, and so another application.
const TRUNK_CONFIG: &str = "TRUNK_CONFIG";

/// The binaries of the page with their features, as `index.html` names them. What is named otherwise here is compiled
/// again when Trunk asks for it.
const BINARIES: [(&str, &[&str]); 2] = [
    ("velvet-rope", &["--features", "signer-module"]),
    ("signer", &[]),
];

/// Where the page is served, and from which files.
#[derive(Debug)]
pub(crate) struct DevPage {
    /// The port on this machine.
    pub(crate) port: u16,
    /// Whether to open it in the browser.
    pub(crate) open: bool,
    /// The folder that it is built into.
    pub(crate) dist: PathBuf,
    /// The configuration that it gets, whatever `public/config.json` says.
    pub(crate) config: PathBuf,
    /// The example that is served in place of the app.
    pub(crate) example: Option<&'static Example>,
}

/// Compiles what Trunk will ask Cargo for, so that this can be done while Trunk itself is being compiled.
///
/// # Errors
/// When the page does not compile.
pub(crate) async fn compile(workspace: &Workspace, example: Option<&Example>) -> Result<()> {
    if example.is_some() || std::env::var_os(TRUNK_CONFIG).is_some() {
        return Ok(());
    }
    let step = report::step("Compile the page");
    let manifest = workspace.file("Cargo.toml");
    for (binary, features) in BINARIES {
        let mut command = cargo();
        command
            .args(["build", "--package", APPLICATION, "--bin", binary])
            .args(["--target", wasm_target::TARGET])
            .args(features)
            .arg("--manifest-path")
            .arg(&manifest)
            .current_dir(&workspace.root);
        let log = workspace.log(&format!("page-{binary}"));
        process::run_condensed(command, &step, &log).await?;
    }
    step.done();
    Ok(())
}

impl DevPage {
    /// The command that serves the page and builds it anew after each change.
    ///
    /// # Errors
    /// When a tool's folder cannot be part of `PATH`.
    pub(crate) fn serve(&self, workspace: &Workspace, tools: &WebTools) -> Result<Command> {
        let mut command = Command::new(tools.trunk.join("trunk"));
        command
            .args(["serve", "--address", "127.0.0.1", "--port"])
            .arg(self.port.to_string())
            .arg("--dist")
            .arg(&self.dist)
            .args(self.open.then_some("--open"))
            .env("PATH", process::path_with(&[&tools.wasm_bindgen])?)
            .env("TRUNK_SKIP_VERSION_CHECK", "true")
            // A hook in Trunk.toml puts it into each build.
            .env("VELVET_ROPE_CONFIG", &self.config)
            .current_dir(&workspace.root);
        if let Some(example) = self.example {
            let config = example.folder(workspace).join("Trunk.toml");
            command.env(TRUNK_CONFIG, config);
        }
        Ok(command)
    }
}
