//! The systems that `cargo xtask start` runs from this checkout: at most one on each port.

use std::{
    fs::{self, File, TryLockError},
    io::{Seek as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::workspace::Workspace;

/// Where a system runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The address of the application.
    pub(crate) site_url: String,
    /// The port of the application.
    pub(crate) site_port: u16,
    /// The port of the local cloud.
    pub(crate) cloud_port: u16,
    /// The process of `cargo xtask start`.
    pub(crate) process: u32,
}

/// The claim of a running system to its ports. Dropping it gives them up, as does the end of the process in any way.
#[derive(Debug)]
pub(crate) struct Running {
    _lock: File,
}

impl Running {
    /// Claims the ports of `place`.
    ///
    /// # Errors
    /// When a system of this checkout already runs on one of them; the message says where.
    pub(crate) fn claim(workspace: &Workspace, place: &Place) -> Result<Self> {
        claim(&folder(workspace), place)
    }
}

/// Where the systems of this checkout run.
///
/// # Errors
/// When a file about one of them cannot be opened.
pub(crate) fn places(workspace: &Workspace) -> Result<Vec<Place>> {
    running_in(&folder(workspace))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("start")
}

fn claim(folder: &Path, place: &Place) -> Result<Running> {
    fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    for other in running_in(folder)? {
        let ports = [other.site_port, other.cloud_port];
        if ports.contains(&place.site_port) || ports.contains(&place.cloud_port) {
            bail!("{}", already_running(&other));
        }
    }
    let path = folder.join(format!("{}.lock", place.site_port));
    let could_not = || format!("could not write {}", path.display());
    // Not truncated before it is locked: until then it may be about another system.
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let mut file = file.with_context(could_not)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => bail!("{}", already_running(place)),
        Err(TryLockError::Error(error)) => return Err(error).with_context(could_not),
    }
    let text = serde_json::to_string(place).context("could not write JSON")?;
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .with_context(could_not)?;
    Ok(Running { _lock: file })
}

fn running_in(folder: &Path) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(places);
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let file =
            File::open(&path).with_context(|| format!("could not open {}", path.display()))?;
        // Left over by a system that has ended: nothing holds it.
        if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        places.extend(serde_json::from_str::<Place>(&text));
    }
    Ok(places)
}

fn already_running(place: &Place) -> String {
    let Place {
        site_url,
        site_port,
        cloud_port,
        process,
    } = place;
    let other = |port: u16| port.checked_add(1).unwrap_or(port - 1);
    format!(
        "Velvet Rope is already running at {site_url} (process {process}); stop it there with Ctrl-C, or start another \
         one beside it: cargo xtask start --port {} --cloud-port {}",
        other(*site_port),
        other(*cloud_port)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(site_port: u16, cloud_port: u16) -> Place {
        Place {
            site_url: format!("http://localhost:{site_port}"),
            site_port,
            cloud_port,
            process: 77,
        }
    }

    #[test]
    fn a_second_system_on_the_same_port_is_refused_with_the_address_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path(), &place(8080, 4566)).unwrap();
        for second in [place(8080, 4567), place(8081, 4566), place(4566, 4567)] {
            let message = claim(folder.path(), &second).unwrap_err().to_string();
            assert!(
                message.contains("http://localhost:8080 (process 77)"),
                "{message}"
            );
            assert!(
                message.ends_with("--port 8081 --cloud-port 4567"),
                "{message}"
            );
        }
        let beside = claim(folder.path(), &place(8081, 4567)).unwrap();
        assert_eq!(running_in(folder.path()).unwrap().len(), 2);
        drop((first, beside));
        assert_eq!(running_in(folder.path()).unwrap(), []);
        claim(folder.path(), &place(8080, 4566)).unwrap();
    }
}
