//! The tools that the commands need: what is missing is installed into the cache, at a pinned version.

pub(crate) mod browser;
pub(crate) mod cargo;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust_target;
mod system;
pub(crate) mod wasm_target;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::{
    cache::Cache,
    process,
    report::{self, Step},
};

/// A tool at a pinned version.
#[derive(Debug)]
pub(crate) struct Tool {
    /// What it is called in the cache and in messages.
    pub(crate) name: String,
    /// Its exact version.
    pub(crate) version: String,
    /// All that decides what is installed: when this changes, the tool is installed anew.
    pub(crate) recipe: String,
    /// What to expect, for those who wait.
    pub(crate) remark: &'static str,
}

impl Tool {
    /// The folder of the tool, installed first where it is missing.
    ///
    /// `works` tells whether the tool in a folder runs and has the right version.
    ///
    /// # Errors
    /// When the installation fails or what was installed does not run.
    pub(crate) async fn ensure(
        &self,
        cache: &Cache,
        works: impl AsyncFn(&Path) -> bool,
        install: impl AsyncFn(&Path, &Step, &Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let Self {
            name,
            version,
            recipe,
            remark,
        } = self;
        let installation = cache.installation(name, version);
        let folder = installation.folder();
        if installation.is_finished(recipe) {
            report::line(format_args!("==> {name} {version} is installed"));
            return Ok(folder.to_owned());
        }
        let _lock = cache.lock().await?;
        let installed_meanwhile = installation.is_finished(recipe);
        if installed_meanwhile || (!installation.has_marker() && works(folder).await) {
            report::line(format_args!("==> {name} {version} is installed"));
            installation.finish(recipe)?;
            return Ok(folder.to_owned());
        }
        let step = report::step(format_args!("Install {name} {version} {remark}"));
        installation.clear()?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        install(folder, &step, &cache.log(name))
            .await
            .with_context(|| format!("could not install {name} {version}"))?;
        if !works(folder).await {
            bail!(
                "{name} {version} was installed into {}, but does not run",
                folder.display()
            );
        }
        installation.finish(recipe)?;
        step.done();
        Ok(folder.to_owned())
    }
}

/// Whether `program` runs and names `version` when asked.
async fn names_version(program: &Path, version: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version");
    process::output(command)
        .await
        .is_ok_and(|said| said.split_whitespace().any(|word| word == version))
}
