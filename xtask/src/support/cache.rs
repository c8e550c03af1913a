//! Where installed tools live between runs, and how an aborted installation is told from a finished one.

use std::{
    fmt::Display,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

use super::{durations, report};

/// The variable that moves the cache.
const VARIABLE: &str = "VELVET_ROPE_CACHE";
const FOLDER: &str = "velvet-rope";
/// Written last, so that its absence means "not finished". It holds the recipe of the installation.
const MARKER: &str = ".installed";

/// The folder of all installed tools.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the cache.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub(crate) fn open() -> Result<Self> {
        let folder = folder(
            std::env::var_os(VARIABLE).map(PathBuf::from),
            cache_of_user(),
        )?;
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not create the tool cache {}", folder.display()))?;
        durations::remember_in(&folder);
        Ok(Self { folder })
    }

    /// Keeps other runs from installing `tool` until the returned file is dropped.
    ///
    /// # Errors
    /// When the cache cannot be locked.
    pub(crate) async fn lock(&self, tool: &str) -> Result<File> {
        let path = self.folder.join(format!(".{tool}.lock"));
        wait_for_lock(&path, format_args!("is installing {tool}")).await
    }

    /// The folder of `tool` at `version`.
    pub(crate) fn installation(&self, tool: &str, version: &str) -> Installation {
        Installation {
            folder: self.folder.join(format!("{tool}-{version}")),
        }
    }

    /// The cache itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder that `tool` may be built in.
    pub(crate) fn build_folder(&self, tool: &str) -> PathBuf {
        self.folder.join("build").join(tool)
    }

    /// The log of installing `tool`.
    pub(crate) fn log(&self, tool: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{tool}.log"))
    }
}

/// Locks the file at `path` until the returned file is dropped. `activity` is what another run that holds it does.
///
/// # Errors
/// When the file cannot be locked.
pub(crate) async fn wait_for_lock(path: &Path, activity: impl Display) -> Result<File> {
    let lock =
        File::create(path).with_context(|| format!("could not create {}", path.display()))?;
    let mut is_waiting = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", path.display()));
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if !is_waiting {
            report::line(format_args!(
                "    waiting for another cargo xtask that {activity}"
            ));
            is_waiting = true;
        }
        // Polled: a blocking wait could not be interrupted.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Where the operating system keeps the caches of this user.
fn cache_of_user() -> Option<PathBuf> {
    choose_native_strategy()
        .ok()
        .map(|folders| folders.cache_dir())
}

fn folder(named: Option<PathBuf>, of_user: Option<PathBuf>) -> Result<PathBuf> {
    match named {
        Some(folder) if folder.is_absolute() => Ok(folder),
        Some(folder) => Err(anyhow!(
            "{VARIABLE} must be an absolute path, but is `{}`",
            folder.display()
        )),
        None => of_user.map(|cache| cache.join(FOLDER)).ok_or_else(|| {
            anyhow!("no home directory to keep tools in; name a folder: {VARIABLE}=/some/folder")
        }),
    }
}

/// One tool at one version, installed or not.
#[derive(Debug)]
pub(crate) struct Installation {
    folder: PathBuf,
}

impl Installation {
    /// The folder that the tool is installed in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the tool was installed to the end by the same `recipe`.
    pub(crate) fn is_finished(&self, recipe: &str) -> bool {
        fs::read_to_string(self.folder.join(MARKER)).is_ok_and(|found| found == recipe)
    }

    /// Removes what an aborted or outdated installation left.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub(crate) fn clear(&self) -> Result<()> {
        remove_folder(&self.folder)
    }

    /// Records that the tool is installed.
    ///
    /// # Errors
    /// When the marker cannot be written.
    pub(crate) fn finish(&self, recipe: &str) -> Result<()> {
        // Written beside and renamed: a half-written marker must not look like a finished installation.
        let draft = self.folder.join(".installing");
        fs::write(&draft, recipe)
            .and_then(|()| fs::rename(&draft, self.folder.join(MARKER)))
            .with_context(|| format!("could not write to {}", self.folder.display()))
    }
}

/// Removes a folder that may not exist.
///
/// # Errors
/// When it exists and cannot be removed.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_folder_wins_over_the_cache_of_the_user() {
        let found = folder(Some("/tools".into()), Some("/home/me/.cache".into())).unwrap();
        assert_eq!(found, Path::new("/tools"));
        let found = folder(None, Some("/home/me/.cache".into())).unwrap();
        assert_eq!(found, Path::new("/home/me/.cache/velvet-rope"));
    }

    #[test]
    fn a_relative_folder_is_refused_since_tools_run_in_other_folders() {
        let message = folder(Some("tools".into()), None).unwrap_err().to_string();
        assert_eq!(
            message,
            "VELVET_ROPE_CACHE must be an absolute path, but is `tools`"
        );
    }

    #[test]
    fn without_a_home_directory_the_variable_is_named() {
        assert!(
            folder(None, None)
                .unwrap_err()
                .to_string()
                .contains("VELVET_ROPE_CACHE=/some")
        );
    }

    #[test]
    fn an_installation_counts_only_when_finished_by_the_same_recipe() {
        let cache = tempfile::tempdir().unwrap();
        let installation = Installation {
            folder: cache.path().join("tool-1.0"),
        };
        fs::create_dir(installation.folder()).unwrap();
        assert!(!installation.is_finished("tool==1.0"));
        installation.finish("tool==1.0").unwrap();
        assert!(installation.is_finished("tool==1.0"));
        assert!(!installation.is_finished("tool==1.0\npart==2.0"));
        installation.clear().unwrap();
        installation.clear().unwrap();
        assert!(!installation.is_finished("tool==1.0"));
    }
}
