//! Chromium and its driver, for the tests that need a browser.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use super::system;
use crate::support::process;

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
    /// The same browser without its interface, which starts with a fifth of the work.
    pub(crate) headless_shell: Option<PathBuf>,
}

/// Finds Chromium and its driver, installed first where that may be done.
///
/// The variables `CHROMIUM`, `CHROMEDRIVER` and `CHROMIUM_HEADLESS_SHELL` name other ones than those on `PATH`.
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
        if find(SHELL_VARIABLE, &HEADLESS_SHELL)?.is_none() {
            system::try_install(HEADLESS_SHELL[0]).await;
        }
    }
    let found = |program: Option<PathBuf>| program.ok_or_else(|| anyhow!("no Chromium on PATH"));
    Ok(Browser {
        chromium: found(find("CHROMIUM", &CHROMIUM)?)?,
        chromedriver: found(find("CHROMEDRIVER", &CHROMEDRIVER)?)?,
        headless_shell: find(SHELL_VARIABLE, &HEADLESS_SHELL)?,
    })
}

/// The file that `variable` names, or the first program of these names on `PATH`.
pub(super) fn find(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    match std::env::var_os(variable).map(PathBuf::from) {
        Some(file) if file.is_file() => Ok(Some(file)),
        Some(file) => bail!("{variable} names {}, which is not a file", file.display()),
        None => Ok(names.iter().find_map(|name| process::find_program(name))),
    }
}
