//! The application as it is developed: built without optimization, served with live reload.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::examples::Example;
use crate::support::{
    process, report,
    tools::{cargo::WebTools, wasm_target},
    workspace::{APPLICATION, Workspace, cargo, without_own_package},
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
    /// The configuration that the page is served with now. Each build replaces it by [`DevPage::config`].
    pub(crate) fn served_config(&self) -> PathBuf {
        self.dist.join("config.json")
    }

    /// The command that serves the page and builds it anew after each change. If there is no configuration yet, the page gets an
    /// empty one.
    ///
    /// # Errors
    /// When a tool's folder cannot be part of `PATH`, or the empty configuration cannot be written.
    pub(crate) fn serve(&self, workspace: &Workspace, tools: &WebTools) -> Result<Command> {
        if !self.config.is_file() {
            std::fs::write(&self.config, "{}")
                .with_context(|| format!("could not write {}", self.config.display()))?;
        }
        let mut command = Command::new(tools.trunk.join("trunk"));
        without_own_package(command.as_std_mut());
        command
            .args(["serve", "--address", "127.0.0.1", "--port"])
            .arg(self.port.to_string())
            .arg("--dist")
            .arg(&self.dist)
            .args(self.open.then_some("--open"))
            // An unoptimized Trunk takes longer for the digests of the files than wasm-bindgen for the page.
            .args(["--no-sri", "true"])
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
