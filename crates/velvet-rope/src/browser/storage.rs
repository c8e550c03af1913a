//! The port [`Store`] on `sessionStorage`, on `localStorage`, or on nothing but memory. Browsers throw
//! already when a page with blocked site data merely looks at its storage.

use web_sys::Storage;

use crate::config::StorageKind;
use crate::store::{MemoryStore, Store, StoreError};

/// The storage of this page.
///
/// It can be created everywhere: whether the browser allows storage shows with each call.
#[derive(Debug)]
pub enum BrowserStore {
    /// The tab's storage.
    /// Survives a reload. Each tab has its own.
    Session,
    /// The site's storage.
    /// All tabs of the origin see it, also after a restart of the browser.
    Local,
    /// This page's memory.
    /// Lost with the page.
    Memory(MemoryStore),
}

impl BrowserStore {
    /// The store that the configuration asks for.
    #[must_use]
    pub fn new(kind: StorageKind) -> Self {
        match kind {
            StorageKind::Session => Self::Session,
            StorageKind::Local => Self::Local,
            StorageKind::Memory => Self::Memory(MemoryStore::default()),
        }
    }

    /// The storage is looked up at each call, because the user can block it while the page is open.
    fn with<T>(
        &self,
        in_browser: impl FnOnce(Storage) -> Result<T, StoreError>,
        in_memory: impl FnOnce(&MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let window = web_sys::window().ok_or(StoreError::Blocked)?;
        let storage = match self {
            Self::Session => window.session_storage(),
            Self::Local => window.local_storage(),
            Self::Memory(memory) => return in_memory(memory),
        };
        in_browser(storage.ok().flatten().ok_or(StoreError::Blocked)?)
    }
}

impl Store for BrowserStore {
    fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.with(
            |storage| storage.get_item(key).map_err(|_| StoreError::Blocked),
            |memory| memory.get(key),
        )
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.with(
            |storage| storage.set_item(key, value).map_err(|_| StoreError::Full),
            |memory| memory.set(key, value),
        )
    }

    fn remove(&self, key: &str) -> Result<(), StoreError> {
        self.with(
            |storage| storage.remove_item(key).map_err(|_| StoreError::Blocked),
            |memory| memory.remove(key),
        )
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        self.with(
            |storage| {
                let length = storage.length().map_err(|_| StoreError::Blocked)?;
                Ok((0..length)
                    .filter_map(|index| storage.key(index).ok().flatten())
                    .collect())
            },
            MemoryStore::keys,
        )
    }
}
