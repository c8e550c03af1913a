//! The browsers that the end-to-end tests run in, and where their programs are.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::Result;
use serde::Serialize;

use super::{browser, cargo};
use crate::support::{cache::Cache, process};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    /// Chromium, as in Chrome and Edge
    Chromium,
    /// Gecko, as in Firefox
    Firefox,
    /// `WebKitGTK`, of the engine in Safari
    Webkit,
}

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::Webkit];

    /// How to install what is missing.
    fn how_to_install(self) -> &'static str {
        match self {
            Self::Chromium => "apt-get install chromium chromium-driver",
            Self::Firefox => {
                "apt-get install firefox-esr; geckodriver is installed by this command"
            }
            Self::Webkit => "apt-get install webkit2gtk-driver xvfb",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::Webkit => "WebKit",
        })
    }
}

/// What a test starts for an engine. The environment file of the tests has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Programs {
    pub(crate) engine: Engine,
    /// The browser.
    pub(crate) browser: PathBuf,
    /// Its WebDriver server.
    pub(crate) driver: PathBuf,
    /// The X server for a browser without a headless mode.
    pub(crate) display: Option<PathBuf>,
    /// The browser without its interface, where there is one.
    pub(crate) shell: Option<PathBuf>,
}

/// An engine that is not on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotInstalled {
    engine: Engine,
    program: &'static str,
}

impl fmt::Display for NotInstalled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, program } = self;
        let how = engine.how_to_install();
        write!(
            formatter,
            "{engine} is not installed, {program} is missing; on Debian: {how}"
        )
    }
}

/// Looks for an engine.
///
/// Chromium is installed where that may be done, because the suite is not complete without it. For the others only the driver is, which
/// is a program in Rust.
///
/// # Errors
/// When an installation fails. That an engine is not there is no error.
pub(crate) async fn find(engine: Engine, cache: &Cache) -> Result<Result<Programs, NotInstalled>> {
    match engine {
        Engine::Chromium => {
            let found = browser::ensure().await?;
            let shell = browser::headless_shell(cache, &found).await?;
            Ok(Ok(Programs {
                engine,
                browser: found.chromium,
                driver: found.chromedriver,
                display: None,
                shell,
            }))
        }
        Engine::Firefox => firefox(cache).await,
        Engine::Webkit => webkit(),
    }
}

/// Firefox from `FIREFOX` or `PATH`, and geckodriver.
async fn firefox(cache: &Cache) -> Result<Result<Programs, NotInstalled>> {
    let engine = Engine::Firefox;
    let Some(firefox) = browser::find("FIREFOX", &["firefox-esr", "firefox"])? else {
        let program = "firefox";
        return Ok(Err(NotInstalled { engine, program }));
    };
    let driver = match browser::find("GECKODRIVER", &[])? {
        Some(driver) => driver,
        None => cargo::geckodriver(cache).await?.join("geckodriver"),
    };
    Ok(Ok(Programs {
        engine,
        browser: firefox,
        driver,
        display: None,
        shell: None,
    }))
}

/// MiniBrowser from `MINIBROWSER` or where Linux distributions put it, its driver, and the X server that it needs.
fn webkit() -> Result<Result<Programs, NotInstalled>> {
    let engine = Engine::Webkit;
    let missing = |program| Ok(Err(NotInstalled { engine, program }));
    let Some(driver) = browser::find("WEBKIT_WEBDRIVER", &["WebKitWebDriver"])? else {
        return missing("WebKitWebDriver");
    };
    let Some(browser) =
        browser::find("MINIBROWSER", &[])?.or_else(|| minibrowser(Path::new("/usr")))
    else {
        return missing("MiniBrowser");
    };
    let Some(display) = process::find_program("Xvfb") else {
        return missing("Xvfb");
    };
    Ok(Ok(Programs {
        engine,
        browser,
        driver,
        display: Some(display),
        shell: None,
    }))
}

/// MiniBrowser is not on `PATH`: it lies beside the processes of the library, in a folder of the machine's architecture.
fn minibrowser(prefix: &Path) -> Option<PathBuf> {
    let of_library = |folder: PathBuf| Some(folder.join("webkit2gtk-4.1/MiniBrowser"));
    let architectures = std::fs::read_dir(prefix.join("lib")).into_iter().flatten();
    let mut folders: Vec<PathBuf> = architectures.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.push(prefix.join("libexec"));
    let mut programs = folders.into_iter().filter_map(of_library);
    programs.find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_browser_is_one_line_that_says_how_to_get_it() {
        let line = NotInstalled {
            engine: Engine::Webkit,
            program: "MiniBrowser",
        };
        assert_eq!(
            line.to_string(),
            "WebKit is not installed, MiniBrowser is missing; on Debian: apt-get install webkit2gtk-driver xvfb"
        );
    }

    #[test]
    fn minibrowser_is_found_in_the_folder_of_any_architecture() {
        let prefix = tempfile::tempdir().unwrap();
        assert_eq!(minibrowser(prefix.path()), None);
        let folder = prefix.path().join("lib/aarch64-linux-gnu/webkit2gtk-4.1");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("MiniBrowser");
        std::fs::write(&program, "").unwrap();
        assert_eq!(minibrowser(prefix.path()), Some(program));
    }
}
