//! The Lambda functions, built by Cargo: for this machine, or for those of AWS.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use super::{architecture::Architecture, elf, package::Package};
use crate::{
    cache::Cache,
    process, report,
    tools::{python, rust_target},
    workspace::{Workspace, cargo},
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
            Self::Native => Architecture::of_this_machine(),
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

/// Builds `package` and packs it.
///
/// # Errors
/// When it does not compile, or would not run where it is meant to.
pub(crate) async fn build(
    workspace: &Workspace,
    compiler: &Compiler,
    package: &str,
) -> Result<Package> {
    let (mut command, folder) = match compiler {
        Compiler::Native => {
            let mut command = cargo();
            command.args(["build", "--release", "--package", package]);
            (command, PathBuf::from("release"))
        }
        Compiler::Cross(cross) => (
            cross.command(package)?,
            Path::new(cross.architecture.target()).join(PROFILE),
        ),
    };
    let step = match compiler {
        Compiler::Native => report::step(format_args!("Build the Lambda function {package}")),
        Compiler::Cross(cross) => report::step(format_args!(
            "Build the Lambda function {package} for {}",
            cross.architecture.name()
        )),
    };
    command.current_dir(&workspace.root);
    process::run(command).await?;

    let program = workspace
        .target
        .join(folder)
        .join(workspace.binary(package)?);
    let content =
        std::fs::read(&program).with_context(|| format!("could not read {}", program.display()))?;
    if let Compiler::Cross(cross) = compiler {
        elf::check(&content, cross.architecture)
            .with_context(|| format!("{} would not run on Lambda", program.display()))?;
    }
    let packed = Package::of_program(package, &content)?;
    step.done_with(format_args!("{} kB packed", packed.content.len() / 1000));
    Ok(packed)
}
