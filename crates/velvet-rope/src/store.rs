//! The port to the browser's storage: text under a key. Every call may fail, because users can block site data.
//!
//! The library stores JSON texts with the prefix `velvet-rope.` in their keys.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use thiserror::Error;

/// Why the storage failed.
///
/// The library does not fail where it can work without storage: a session that cannot be stored lasts until the page is
/// closed. A sign-in cannot begin without storage, because its callback is another page load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The browser blocks site data for this page.
    /// By a setting of the user, in some private windows, or because the page is in a frame of another site.
    #[error("the browser blocks storage for this page")]
    Blocked,
    /// The storage is full.
    /// Browsers allow about five megabytes per origin.
    #[error("the browser's storage for this page is full")]
    Full,
}

/// Text under a key.
///
/// The methods take `&self`, as the storage of the browser is shared by everything on the page. Calls are synchronous;
/// no other script runs between a [`get`](Store::get) and a [`set`](Store::set) of the same tab.
///
/// # Examples
///
/// ```
/// use velvet_rope::{MemoryStore, Store};
///
/// let store = MemoryStore::default();
/// store.set("example.key", "value")?;
/// assert_eq!(store.get("example.key")?.as_deref(), Some("value"));
/// store.remove("example.key")?;
/// assert_eq!(store.keys()?, Vec::<String>::new());
/// # Ok::<(), velvet_rope::StoreError>(())
/// ```
pub trait Store {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When the browser blocks storage.
    fn get(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Stores `value` under `key`, replacing the previous value.
    ///
    /// # Errors
    /// When the browser blocks storage, or it is full.
    fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Removes the value under `key`, if there is one.
    ///
    /// # Errors
    /// When the browser blocks storage.
    fn remove(&self, key: &str) -> Result<(), StoreError>;

    /// Every key, also of other apps of the origin, in no order.
    ///
    /// # Errors
    /// When the browser blocks storage.
    fn keys(&self) -> Result<Vec<String>, StoreError>;
}

impl<S: Store + ?Sized> Store for Rc<S> {
    fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        (**self).get(key)
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        (**self).set(key, value)
    }

    fn remove(&self, key: &str) -> Result<(), StoreError> {
        (**self).remove(key)
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        (**self).keys()
    }
}

/// A store in memory, which ends with the page.
/// For [`StorageKind::Memory`](crate::StorageKind::Memory) and for tests. Its calls do not fail.
#[derive(Default)]
pub struct MemoryStore(RefCell<Vec<(String, String)>>);

impl fmt::Debug for MemoryStore {
    /// The number of records; the records contain tokens.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MemoryStore({} records)", self.0.borrow().len())
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .0
            .borrow()
            .iter()
            .find(|(stored, _)| stored == key)
            .map(|(_, value)| value.clone()))
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.remove(key)?;
        self.0.borrow_mut().push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().retain(|(stored, _)| stored != key);
        Ok(())
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        let records = self.0.borrow();
        Ok(records.iter().map(|(key, _)| key.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_replaces_and_removes() {
        let store = MemoryStore::default();
        assert_eq!(store.get("a"), Ok(None));
        store.set("a", "1").unwrap();
        store.set("a", "2").unwrap();
        assert_eq!(store.get("a"), Ok(Some("2".into())));
        store.remove("a").unwrap();
        store.remove("a").unwrap();
        assert_eq!(store.get("a"), Ok(None));
    }

    #[test]
    fn lists_each_key_once() {
        let store = Rc::new(MemoryStore::default());
        assert_eq!(store.keys(), Ok(vec![]));
        for (key, value) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")] {
            store.set(key, value).unwrap();
        }
        store.remove("c").unwrap();
        let mut keys = store.keys().unwrap();
        keys.sort();
        assert_eq!(keys, ["a", "b"]);
    }
}
