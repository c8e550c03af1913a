//! Where things are: the checkout, Cargo's target directory, the packages in the workspace.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;
use tokio::process::Command;

use super::process;

/// The package that holds the application.
pub(crate) const APPLICATION: &str = "velvet-rope-app";
/// The package that holds the library.
pub(crate) const LIBRARY: &str = "velvet-rope";
/// The package that reads API descriptions.
pub(crate) const OPENAPI: &str = "velvet-rope-openapi";
/// The checks of a configuration.
pub(crate) const DOCTOR: &str = "velvet-rope-doctor";
/// The package that holds the end-to-end tests.
pub(crate) const END_TO_END: &str = "velvet-rope-e2e";
/// Its test program, which needs a release and a local cloud.
pub(crate) const SUITE: &str = "suite";

/// The checkout that the command works on.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where Cargo puts what it builds.
    pub(crate) target: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Workspace {
    /// Asks Cargo.
    ///
    /// # Errors
    /// When Cargo cannot read the workspace.
    pub(crate) async fn find() -> Result<Self> {
        // Set by `cargo run`, and right also when the checkout was moved after the build.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let mut command = cargo();
        command
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(manifest);
        Self::parse(&process::output(command).await?)
    }

    fn parse(metadata: &str) -> Result<Self> {
        let Metadata {
            workspace_root,
            target_directory,
            packages,
        } = serde_json::from_str(metadata).context("`cargo metadata` answered something else")?;
        Ok(Self {
            root: workspace_root,
            target: target_directory,
            packages,
        })
    }

    /// Whether there is a package of this name.
    pub(crate) fn has(&self, package: &str) -> bool {
        self.packages
            .iter()
            .any(|candidate| candidate.name == package)
    }

    /// The packages whose tests run on this machine, under a name for those that are tested together. The examples, which are apps
    /// for the browser, have no tests of their own.
    pub(crate) fn natively_tested(&self) -> BTreeMap<&str, Vec<&str>> {
        let lambdas = self.file("lambdas");
        let mut groups = BTreeMap::<&str, Vec<&str>>::new();
        for package in &self.packages {
            let Package { name, .. } = package;
            if self.runs_in_a_browser(package) {
                continue;
            }
            let group = if package.manifest_path.starts_with(&lambdas) {
                "the Lambdas"
            } else {
                name
            };
            groups.entry(group).or_default().push(name);
        }
        groups
    }

    /// The options of Cargo that select what is built together for the tests on this machine. A dependency is compiled once for each
    /// set of features, and the features depend on the selection: with one selection for all tests, for the functions that they
    /// call, and for xtask with its feature `aws`, each is compiled once.
    pub(crate) fn tested_together(&self) -> Vec<&str> {
        let mut options = vec!["--workspace"];
        for package in &self.packages {
            if self.runs_in_a_browser(package) {
                options.extend(["--exclude", &package.name]);
            }
        }
        options
    }

    fn runs_in_a_browser(&self, package: &Package) -> bool {
        let folders = ["examples", "xtask/bench", "tests/page"];
        let is_in = |folder| package.manifest_path.starts_with(self.file(folder));
        folders.into_iter().any(is_in)
    }

    /// The folder of a package.
    ///
    /// # Errors
    /// When there is no such package.
    pub(crate) fn folder(&self, package: &str) -> Result<&Path> {
        let mut packages = self.packages.iter();
        packages
            .find(|candidate| candidate.name == package)
            .and_then(|package| package.manifest_path.parent())
            .with_context(|| format!("the workspace has no package `{package}`"))
    }

    /// The name of the one binary that `package` builds.
    ///
    /// # Errors
    /// When there is no such package or it builds no binary.
    pub(crate) fn binary(&self, package: &str) -> Result<&str> {
        self.packages
            .iter()
            .find(|candidate| candidate.name == package)
            .and_then(|package| {
                package
                    .targets
                    .iter()
                    .find(|target| target.kind.iter().any(|kind| kind == "bin"))
            })
            .map(|target| target.name.as_str())
            .ok_or_else(|| anyhow!("the workspace has no package `{package}` with a binary"))
    }

    /// A folder for what the end-to-end tests in a browser leave behind.
    pub(crate) fn artifacts(&self, browser: &str) -> PathBuf {
        self.target.join("e2e").join(browser)
    }

    /// The log of the long command `name`.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.target.join("logs").join(format!("{name}.log"))
    }

    /// A file of the checkout.
    pub(crate) fn file(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }
}

/// What Cargo says in the environment about the package that it runs, here xtask.
const ABOUT_XTASK: [&str; 3] = ["CARGO_BIN_", "CARGO_MANIFEST_", "CARGO_PKG_"];

/// Gives `command` the environment of a shell. The build script of `ring` reads the variables about a package: with those of xtask,
/// Cargo would compile it again, and all that depends on it, and once more for the next command of the user.
pub(crate) fn without_own_package(command: &mut std::process::Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ABOUT_XTASK.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
}

/// The Cargo that runs this command.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(program);
    without_own_package(&mut command);
    command.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::files::files_below;

    const METADATA: &str = r#"{
        "workspace_root": "/code", "target_directory": "/code/target",
        "packages": [
            {"name": "velvet-rope", "manifest_path": "/code/Cargo.toml", "targets": [{"name": "velvet_rope", "kind": ["lib"]}]},
            {"name": "demo-api", "manifest_path": "/code/lambdas/demo-api/Cargo.toml", "targets": [
                {"name": "demo_api", "kind": ["lib"]}, {"name": "bootstrap", "kind": ["bin"]}
            ]},
            {"name": "minimal", "manifest_path": "/code/examples/minimal/Cargo.toml", "targets": []},
            {"name": "users", "manifest_path": "/code/lambdas/users/Cargo.toml", "targets": []},
            {"name": "velvet-rope-e2e", "manifest_path": "/code/tests/e2e/Cargo.toml", "targets": []},
            {"name": "xtask", "manifest_path": "/code/xtask/Cargo.toml", "targets": []}
        ]
    }"#;

    #[test]
    fn finds_the_binary_of_a_package_whatever_it_is_called() {
        let workspace = Workspace::parse(METADATA).unwrap();
        assert_eq!(workspace.binary("demo-api").unwrap(), "bootstrap");
    }

    #[test]
    fn tests_the_lambdas_together_and_not_the_examples() {
        let workspace = Workspace::parse(METADATA).unwrap();
        let groups = Vec::from_iter(workspace.natively_tested());
        assert_eq!(
            groups,
            [
                ("the Lambdas", vec!["demo-api", "users"]),
                ("velvet-rope", vec!["velvet-rope"]),
                ("velvet-rope-e2e", vec!["velvet-rope-e2e"]),
                ("xtask", vec!["xtask"]),
            ]
        );
        let options = ["--workspace", "--exclude", "minimal"];
        assert_eq!(workspace.tested_together(), options);
    }

    /// Programs without tests take as long to link as those with tests, so their manifests say that there are none.
    #[tokio::test]
    async fn a_target_that_cargo_does_not_test_has_no_tests() {
        let mut command = cargo();
        command
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        let metadata: serde_json::Value =
            serde_json::from_str(&process::output(command).await.unwrap()).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let targets = packages
            .iter()
            .flat_map(|package| package["targets"].as_array().unwrap());
        let mut untested = 0;
        for target in targets.filter(|target| target["test"] == false) {
            let source = Path::new(target["src_path"].as_str().unwrap());
            let is_library = target["kind"][0] == "lib";
            let files = if is_library {
                files_below(source.parent().unwrap()).unwrap()
            } else {
                vec![source.to_owned()]
            };
            for file in files {
                let text = std::fs::read_to_string(&file).unwrap();
                assert!(!text.contains("test]\n"), "a test in {}", file.display());
            }
            untested += 1;
        }
        assert!(untested > 10, "only {untested} targets were read");
    }

    #[test]
    fn names_the_package_that_builds_no_binary() {
        let workspace = Workspace::parse(METADATA).unwrap();
        let message = workspace.binary("velvet-rope").unwrap_err().to_string();
        assert_eq!(
            message,
            "the workspace has no package `velvet-rope` with a binary"
        );
    }
}
