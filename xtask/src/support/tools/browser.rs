//! Chromium and its driver, for the tests that need a browser.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use super::{named_version, system};
use crate::support::{cache::Cache, process};

/// What Chromium is called by those who pack it.
const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const CHROMEDRIVER: [&str; 1] = ["chromedriver"];
const SHELL_VARIABLE: &str = "CHROMIUM_HEADLESS_SHELL";
const HEADLESS_SHELL: [&str; 1] = ["chromium-headless-shell"];

/// A browser and the driver of the same version.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The program of the browser.
    pub(crate) chromium: PathBuf,
    /// The program that drives it.
    pub(crate) chromedriver: PathBuf,
}

/// Finds Chromium and its driver, installed first where that may be done.
///
/// The variables `CHROMIUM` and `CHROMEDRIVER` name other ones than those on `PATH`.
///
/// # Errors
/// When they are missing and cannot be installed here; the message says what to install.
pub(crate) async fn ensure() -> Result<Browser> {
    if find("CHROMIUM", &CHROMIUM)?.is_none() || find("CHROMEDRIVER", &CHROMEDRIVER)?.is_none() {
        system::ensure(
            &["chromium", "chromedriver"],
            &["chromium", "chromium-driver"],
        )
        .await?;
    }
    let found = |program: Option<PathBuf>| program.ok_or_else(|| anyhow!("no Chromium on PATH"));
    Ok(Browser {
        chromium: found(find("CHROMIUM", &CHROMIUM)?)?,
        chromedriver: found(find("CHROMEDRIVER", &CHROMEDRIVER)?)?,
    })
}

/// The same browser without its interface, which does a third less work for the same pages. It is installed where that may be done; if
/// that fails, it is tried again when there is another version.
///
/// # Errors
/// When the variable `CHROMIUM_HEADLESS_SHELL` names no file.
pub(crate) async fn headless_shell(cache: &Cache, browser: &Browser) -> Result<Option<PathBuf>> {
    let found = find(SHELL_VARIABLE, &HEADLESS_SHELL)?;
    if found.is_some() || std::env::var_os("CHROMIUM").is_some() {
        return Ok(found);
    }
    let version = named_version(&browser.chromium).await.unwrap_or_default();
    let tried = cache
        .folder()
        .join(format!("{}-{version}.tried", HEADLESS_SHELL[0]));
    if !tried.exists() {
        system::try_install(HEADLESS_SHELL[0], CHROMIUM[0]).await;
        // Without the note, the next run tries again.
        let _ = std::fs::write(&tried, "");
    }
    find(SHELL_VARIABLE, &HEADLESS_SHELL)
}

/// The file that `variable` names, or the first program of these names on `PATH`.
pub(super) fn find(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    match std::env::var_os(variable).map(PathBuf::from) {
        Some(file) if file.is_file() => Ok(Some(file)),
        Some(file) => bail!("{variable} names {}, which is not a file", file.display()),
        None => Ok(names.iter().find_map(|name| process::find_program(name))),
    }
}
