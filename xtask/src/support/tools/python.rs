//! Tools from PyPI, each in a virtual environment of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::process::Command;

use super::Tool;
use crate::support::{cache::Cache, process, workspace::Workspace};

/// The oldest Python that MiniStack runs on.
const OLDEST: (u32, u32) = (3, 10);

const HOW_TO_INSTALL: &str = "install it and run the same command again:\n      \
     Debian, Ubuntu: apt-get install python3 python3-venv\n      \
     Fedora: dnf install python3\n      \
     macOS: brew install python";

/// Installs `tool`, pinned with all it needs by `xtask/requirements/<tool>.txt`, and returns its program.
///
/// # Errors
/// When there is no suitable Python or the installation fails.
pub(crate) async fn ensure(workspace: &Workspace, cache: &Cache, tool: &str) -> Result<PathBuf> {
    let requirements = workspace.file(format!("xtask/requirements/{tool}.txt"));
    let recipe = std::fs::read_to_string(&requirements)
        .with_context(|| format!("could not read {}", requirements.display()))?;
    let version = pinned_version(&recipe, tool)?.to_owned();
    let works = async |folder: &Path| {
        let mut command = Command::new(folder.join("bin/python"));
        command.args([
            "-c",
            "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))",
        ]);
        command.arg(tool);
        folder.join("bin").join(tool).is_file()
            && process::output(command)
                .await
                .is_ok_and(|found| found.trim() == version)
    };
    let pinned = Tool {
        name: tool.to_owned(),
        version: version.clone(),
        recipe,
        remark: "from PyPI",
    };
    let folder = pinned
        .ensure(cache, works, async |folder, step, log| {
            let mut environment = Command::new(interpreter().await?);
            environment.args(["-m", "venv"]).arg(folder);
            process::run_condensed(environment, step, log).await?;
            let mut install = Command::new(folder.join("bin/python"));
            install
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--no-input",
                    "--disable-pip-version-check",
                ])
                // Only files with the content that the requirements name.
                .args(["--require-hashes", "--only-binary", ":all:"])
                .args(["--progress-bar", "off", "--requirement"])
                .arg(&requirements);
            process::run_condensed(install, step, log).await
        })
        .await?;
    Ok(folder.join("bin").join(tool))
}

/// The version that the text of a requirements file pins `tool` to.
fn pinned_version<'a>(requirements: &'a str, tool: &str) -> Result<&'a str> {
    requirements
        .lines()
        .filter_map(|line| line.split_once("=="))
        .filter(|(name, _)| *name == tool)
        .find_map(|(_, after)| after.split([' ', ';', '\\']).next())
        .ok_or_else(|| anyhow!("xtask/requirements/{tool}.txt pins no `{tool}==<version>`"))
}

/// A Python that can make virtual environments.
async fn interpreter() -> Result<PathBuf> {
    let program = process::find_program("python3").or_else(|| process::find_program("python"));
    let Some(program) = program else {
        bail!("Python 3 was not found on PATH; {HOW_TO_INSTALL}");
    };
    let asked = async |question: &str| {
        let mut command = Command::new(&program);
        command.args(["-c", question]);
        process::output(command).await
    };
    let version = asked("import sys; print('%d.%d' % sys.version_info[:2])").await?;
    if parse_version(&version).is_none_or(|version| version < OLDEST) {
        bail!(
            "{} is Python {}, but {}.{} or newer is needed; {HOW_TO_INSTALL}",
            program.display(),
            version.trim(),
            OLDEST.0,
            OLDEST.1,
        );
    }
    // Debian and Ubuntu pack these apart from Python.
    if asked("import venv, ensurepip").await.is_err() {
        bail!(
            "{} has no `venv` module (on Debian and Ubuntu the package python3-venv); \
             {HOW_TO_INSTALL}",
            program.display()
        );
    }
    Ok(program)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_python_versions_as_numbers() {
        assert!(parse_version("3.9\n").unwrap() < OLDEST);
        assert!(parse_version("3.11\n").unwrap() > OLDEST);
        assert_eq!(parse_version("pypy"), None);
    }

    #[test]
    fn reads_the_pinned_version_from_the_requirements() {
        let requirements =
            "# a cloud\nministack==1.5.33 \\\n    --hash=sha256:12\nministack-extras==9.9\n";
        assert_eq!(pinned_version(requirements, "ministack").unwrap(), "1.5.33");
        assert!(pinned_version(requirements, "cfn-lint").is_err());
    }
}
