//! The tools that the commands need: what is missing is installed into the cache, at a pinned version.

pub(crate) mod browser;
pub(crate) mod cargo;
mod download;
pub(crate) mod engine;
mod locked;
pub(crate) mod node;
pub(crate) mod python;
mod releases;
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
    /// Where it comes from, for the message.
    pub(crate) remark: &'static str,
}

impl Tool {
    /// Whether nothing of it is left to install.
    pub(crate) fn is_installed(&self, cache: &Cache) -> bool {
        let installation = cache.installation(&self.name, &self.version);
        installation.is_finished(&self.recipe)
    }

    /// The folder of the tool, installed first where it is missing.
    ///
    /// `works` checks that the tool in a folder runs and has the right version.
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
        let _lock = cache.lock(name).await?;
        if installation.is_finished(recipe) {
            report::line(format_args!("==> {name} {version} is installed"));
            return Ok(folder.to_owned());
        }
        let name_and_version = format!("Install {name} {version} {remark}");
        let step = report::step(name_and_version.trim_end());
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

/// The version that `program` names when asked, if it runs.
async fn named_version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    let output = process::output(command).await.ok()?;
    let is_version =
        |word: &&str| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
    output
        .split_whitespace()
        .find(is_version)
        .map(str::to_owned)
}
