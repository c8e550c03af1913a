//! The Lambda functions, built by Cargo: for this machine, or for those of AWS.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::{
    architecture::Architecture,
    elf,
    package::{Package, Size},
};
use crate::support::{
    cache::Cache,
    checked_build::cargo_for_tests,
    files::read,
    process, report,
    tools::{python, rust_target},
    workspace::{SUITE, Workspace, cargo, without_own_package},
};

/// The package of the function behind the demo routes.
pub(crate) const DEMO_API: &str = "demo-api";

/// The profile in Cargo.toml that deployed functions are built with.
const PROFILE: &str = "lambda";

/// What the functions are built with.
#[derive(Debug)]
pub(crate) enum Compiler {
    /// This machine's own compiler and linker: fast, and it runs on the local cloud only.
    Native,
    /// The same, with the dependencies as the tests on this machine have them, so that none is compiled twice.
    ForTests,
    /// For the runtime `provided.al2023` on AWS.
    Cross(CrossCompiler),
}

/// Cargo with Zig as its linker, which links against any version of glibc for any processor.
#[derive(Debug)]
pub(crate) struct CrossCompiler {
    program: PathBuf,
    architecture: Architecture,
}

impl Compiler {
    /// The processor that it compiles for.
    ///
    /// # Errors
    /// When this machine's own is none of Lambda's.
    pub(crate) fn architecture(&self) -> Result<Architecture> {
        match self {
            Self::Native | Self::ForTests => Architecture::of_this_machine(),
            Self::Cross(cross) => Ok(cross.architecture),
        }
    }
}

impl CrossCompiler {
    /// Installs what is missing of it.
    ///
    /// # Errors
    /// When the compiler's target or the linker cannot be installed.
    pub(crate) async fn ensure(
        workspace: &Workspace,
        cache: &Cache,
        architecture: Architecture,
    ) -> Result<Self> {
        rust_target::ensure(architecture.target()).await?;
        let program = python::ensure(workspace, cache, "cargo-zigbuild").await?;
        Ok(Self {
            program,
            architecture,
        })
    }

    fn command(&self, package: &str) -> Result<Command> {
        let mut command = Command::new(&self.program);
        without_own_package(command.as_std_mut());
        let target = self.architecture.target();
        let glibc = elf::GLIBC;
        command
            .args(["zigbuild", "--profile", PROFILE, "--package", package])
            .args(["--target", &format!("{target}.{glibc}")]);
        let folder = self
            .program
            .parent()
            .context("a program is in some folder")?;
        // The interpreter of the same environment, which the linker is a module of.
        command.env("CARGO_ZIGBUILD_PYTHON_PATH", folder.join("python"));
        Ok(command)
    }
}

/// Builds `packages` and packs each of them, in that order.
///
/// # Errors
/// When one does not compile, or would not run where it is meant to.
pub(crate) async fn build(
    workspace: &Workspace,
    compiler: &Compiler,
    packages: &[&str],
) -> Result<Vec<Package>> {
    match compiler {
        Compiler::Native => {
            let options = packages.iter().flat_map(|package| ["--package", *package]);
            let mut command = cargo();
            command
                .arg("build")
                .args(options)
                .current_dir(&workspace.root);
            build_natively(workspace, packages, command).await
        }
        Compiler::ForTests => {
            let mut command = cargo_for_tests(workspace, "build")?;
            for package in packages {
                command.args(["--bin", workspace.binary(package)?]);
            }
            // With a test among what is built, Cargo selects features as it does for tests.
            command.args(["--test", SUITE]);
            build_natively(workspace, packages, command).await
        }
        Compiler::Cross(cross) => {
            let mut packed = Vec::with_capacity(packages.len());
            for package in packages {
                packed.push(cross.build(workspace, package).await?);
            }
            Ok(packed)
        }
    }
}

/// All at once: what they share is then compiled once. Not optimized: they are called a few times, and shall be there soon.
async fn build_natively(
    workspace: &Workspace,
    packages: &[&str],
    command: Command,
) -> Result<Vec<Package>> {
    let step = report::step(format_args!(
        "Build Lambda functions: {}",
        packages.join(", ")
    ));
    process::run_condensed(command, &step, &workspace.log("functions")).await?;
    let packed = packages.iter().map(|package| {
        let program = program(workspace, Path::new("debug"), package)?;
        Package::of_program(package, &read(&program)?, Size::Whole)
    });
    let packed = packed.collect::<Result<Vec<_>>>()?;
    step.done_with(sizes(&packed));
    Ok(packed)
}

impl CrossCompiler {
    /// One by one: built together they would share features, and be other programs with each further part.
    async fn build(&self, workspace: &Workspace, package: &str) -> Result<Package> {
        let step = report::step(format_args!(
            "Build the Lambda function {package} for {}",
            self.architecture.name()
        ));
        let mut command = self.command(package)?;
        command.current_dir(&workspace.root);
        process::run(command).await?;
        let folder = Path::new(self.architecture.target()).join(PROFILE);
        let program = program(workspace, &folder, package)?;
        let content = read(&program)?;
        elf::check(&content, self.architecture)
            .with_context(|| format!("{} would not run on Lambda", program.display()))?;
        let packed = Package::of_program(package, &content, Size::Small)?;
        step.done_with(sizes(std::slice::from_ref(&packed)));
        Ok(packed)
    }
}

fn program(workspace: &Workspace, folder: &Path, package: &str) -> Result<PathBuf> {
    let name = workspace.binary(package)?;
    Ok(workspace.target.join(folder).join(name))
}

fn sizes(packed: &[Package]) -> String {
    let sizes = packed.iter().map(|package| package.content.len() / 1000);
    let sizes: Vec<_> = sizes.map(|size| size.to_string()).collect();
    format!("{} kB packed", sizes.join(", "))
}
