//! The port to what the browser keeps: text under a key. Every call may fail, because browsers can
//! be told to block site data.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use thiserror::Error;

/// Why something could not be kept or read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The browser gives this page no storage at all: site data is blocked.
    #[error("the browser blocks storage for this page")]
    Blocked,
    /// The browser has storage but did not take the value: it is full.
    #[error("the browser's storage for this page is full")]
    Full,
}

/// Text under a key.
pub trait Store {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When the browser blocks storage.
    fn get(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Puts `value` under `key`, replacing what was there.
    ///
    /// # Errors
    /// When the browser blocks storage or has no room.
    fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Takes away what is under `key`, if anything is.
    ///
    /// # Errors
    /// When the browser blocks storage.
    fn remove(&self, key: &str) -> Result<(), StoreError>;

    /// Every key, whoever wrote it, in no order.
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

/// Keeps everything in memory: gone with the page.
#[derive(Default)]
pub struct MemoryStore(RefCell<Vec<(String, String)>>);

impl fmt::Debug for MemoryStore {
    /// The number of records; the records themselves hold tokens.
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
            .find(|(held, _)| held == key)
            .map(|(_, value)| value.clone()))
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.remove(key)?;
        self.0.borrow_mut().push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().retain(|(held, _)| held != key);
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
    fn keeps_replaces_and_removes() {
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
    fn tells_its_keys_once_each() {
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
