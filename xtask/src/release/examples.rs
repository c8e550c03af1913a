//! The examples as the tests serve them: built by Trunk for development.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tokio::process::Command;

use super::kept;
use crate::support::{
    cache::{self, Cache},
    checked_build, process, report,
    tools::{self, cargo::WebTools},
    workspace::{Workspace, without_own_package},
};

/// A folder below `examples/`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Example {
    /// Its name.
    name: &'static str,
    /// The optional parts of the system that it calls.
    pub(crate) parts: &'static [&'static str],
}

static EXAMPLES: [Example; 4] = [
    Example {
        name: "minimal",
        parts: &[],
    },
    Example {
        name: "plain",
        parts: &[],
    },
    Example {
        name: "routes",
        parts: &["authorizer"],
    },
    Example {
        name: "todo",
        parts: &["todo"],
    },
];

/// The page whose scripts make calls, and its name among the builds.
const PAGE: (&str, &str) = ("tests/page", "page");

/// The example of that name, for the command line.
///
/// # Errors
/// Names the examples that there are.
pub(crate) fn named(name: &str) -> Result<&'static Example, String> {
    let found = EXAMPLES.iter().find(|example| example.name == name);
    found.ok_or_else(|| {
        let names = EXAMPLES.each_ref().map(|example| example.name);
        format!("there is no such example; there is {}", names.join(", "))
    })
}

impl Example {
    /// Its folder.
    pub(crate) fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join("examples").join(self.name)
    }
}

/// Builds each example, and the page of the tests, into a folder of its name below `target/`, and returns the folder of all. What is
/// there stays if nothing has changed since.
///
/// # Errors
/// When a tool is missing or a build fails.
pub(crate) async fn build(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    tools::wasm_target::ensure().await?;
    let web_tools = tools::cargo::web_tools(workspace, cache, tools::cargo::Page::Whole).await?;
    let folder = workspace.target.join("examples-dist");
    let lock = workspace.target.join(".examples.lock");
    let _lock = cache::wait_for_lock(&lock, "is building the examples").await?;
    let sources = ["examples", PAGE.0];
    let record = kept::Record::open(&workspace.root, &workspace.target, &folder, &sources).await?;
    if record.is_of(&folder) {
        report::line("==> The examples are built, and nothing has changed since");
        return Ok(folder);
    }
    let step = report::step("Build the examples");
    for example in &EXAMPLES {
        let sources = example.folder(workspace);
        let dist = folder.join(example.name);
        build_checked(workspace, &web_tools, &sources, &dist).await?;
    }
    let (sources, name) = PAGE;
    let (sources, dist) = (workspace.file(sources), folder.join(name));
    build_checked(workspace, &web_tools, &sources, &dist).await?;
    record.write(&folder)?;
    step.done();
    Ok(folder)
}

/// Builds the page of the tests like a release.
///
/// # Errors
/// When a tool is missing or the build fails.
pub(crate) async fn build_page(workspace: &Workspace, cache: &Cache, dist: &Path) -> Result<()> {
    tools::wasm_target::ensure().await?;
    let web_tools = tools::cargo::web_tools(workspace, cache, tools::cargo::Page::Whole).await?;
    let step = report::step("Build the page");
    let sources = workspace.file(PAGE.0);
    let mut command = trunk(workspace, &web_tools, &sources, dist)?;
    command.arg("--release");
    process::run(command).await?;
    step.done();
    Ok(())
}

/// Builds a page of the tests, with what `cargo xtask check` compiles, too.
async fn build_checked(
    workspace: &Workspace,
    web_tools: &WebTools,
    sources: &Path,
    dist: &Path,
) -> Result<()> {
    let mut command = trunk(workspace, web_tools, sources, dist)?;
    checked_build::check_page(workspace, &mut command)?;
    process::run(command).await
}

/// The command that builds the page in the folder `sources`.
fn trunk(
    workspace: &Workspace,
    web_tools: &WebTools,
    sources: &Path,
    dist: &Path,
) -> Result<Command> {
    let mut command = Command::new(web_tools.trunk.join("trunk"));
    without_own_package(command.as_std_mut());
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
        .current_dir(sources);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_example_is_a_folder_and_each_folder_an_example() {
        let workspace = Workspace::find().await.unwrap();
        let mut folders: Vec<_> = std::fs::read_dir(workspace.root.join("examples"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        folders.sort();
        assert_eq!(folders, EXAMPLES.each_ref().map(|example| example.name));
        let todo = named("todo").unwrap();
        assert!(todo.folder(&workspace).join("Trunk.toml").is_file());
        let error = named("to-do").unwrap_err();
        assert!(error.ends_with("minimal, plain, routes, todo"), "{error}");
    }

    /// Trunk refuses to serve where a watched path is missing. A checkout has no `public/config.json` at first.
    #[tokio::test]
    async fn trunk_watches_only_what_every_checkout_has() {
        let workspace = Workspace::find().await.unwrap();
        for example in &EXAMPLES {
            let folder = example.folder(&workspace);
            let text = std::fs::read_to_string(folder.join("Trunk.toml")).unwrap();
            let config: toml::Table = text.parse().unwrap();
            let watched = config["watch"]["watch"].as_array().unwrap();
            for path in watched.iter().map(|path| path.as_str().unwrap()) {
                assert!(folder.join(path).exists(), "{}: {path}", example.name);
                assert!(!path.ends_with("config.json"), "{}: {path}", example.name);
            }
        }
    }
}
