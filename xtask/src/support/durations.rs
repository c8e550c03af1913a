//! How long each step took when it last ran to its end, so that the next run can say what to expect.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

const FILE: &str = "durations.json";

/// Where the durations of this user's runs are, once the tool cache is open.
static STORE: OnceLock<Mutex<Durations>> = OnceLock::new();

/// Remembers durations in `folder` from now on.
pub(crate) fn remember_in(folder: &Path) {
    STORE.get_or_init(|| Mutex::new(Durations::read(folder.join(FILE))));
}

/// How long the step `name` took last time.
pub(crate) fn last(name: &str) -> Option<Duration> {
    let store = STORE.get()?.lock().unwrap_or_else(PoisonError::into_inner);
    store.last(name)
}

/// Remembers that the step `name` took `duration`.
pub(crate) fn record(name: &str, duration: Duration) {
    if let Some(store) = STORE.get() {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        store.record(name, duration);
    }
}

#[derive(Debug)]
struct Durations {
    file: PathBuf,
    milliseconds: BTreeMap<String, u64>,
}

impl Durations {
    /// A file that is missing or damaged holds no durations.
    fn read(file: PathBuf) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Self {
            file,
            milliseconds: serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    fn last(&self, name: &str) -> Option<Duration> {
        self.milliseconds
            .get(name)
            .copied()
            .map(Duration::from_millis)
    }

    fn record(&mut self, name: &str, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.milliseconds.insert(name.to_owned(), milliseconds);
        // Expectations are a convenience: a full disk must not fail the step that has just succeeded.
        if let Ok(text) = serde_json::to_string_pretty(&self.milliseconds) {
            let draft = self
                .file
                .with_extension(format!("{}.json", std::process::id()));
            let _ = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &self.file));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_an_earlier_run_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let mut durations = Durations::read(file.clone());
        assert_eq!(durations.last("Build"), None);
        durations.record("Build", Duration::from_millis(1500));
        let durations = Durations::read(file.clone());
        assert_eq!(durations.last("Build"), Some(Duration::from_millis(1500)));
        std::fs::write(&file, "{").unwrap();
        assert_eq!(Durations::read(file).last("Build"), None);
    }
}
