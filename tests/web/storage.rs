//! The stores.

use velvet_rope::browser::storage::BrowserStore;
use velvet_rope::config::StorageKind;
use velvet_rope::store::{Store as _, StoreError};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::replace;

#[wasm_bindgen_test]
fn each_store_keeps_replaces_and_removes() {
    for kind in [
        StorageKind::Session,
        StorageKind::Local,
        StorageKind::Memory,
    ] {
        let store = BrowserStore::new(kind);
        store.set("velvet-rope.test", "1").unwrap();
        store.set("velvet-rope.test", "2").unwrap();
        assert_eq!(
            store.get("velvet-rope.test"),
            Ok(Some("2".to_owned())),
            "{kind:?}"
        );
        store.remove("velvet-rope.test").unwrap();
        assert_eq!(store.get("velvet-rope.test"), Ok(None), "{kind:?}");
    }
}

#[wasm_bindgen_test]
fn a_second_handle_sees_what_the_tab_keeps_but_not_what_memory_kept() {
    for (kind, survives) in [
        (StorageKind::Session, true),
        (StorageKind::Local, true),
        (StorageKind::Memory, false),
    ] {
        BrowserStore::new(kind)
            .set("velvet-rope.test", "kept")
            .unwrap();
        let second = BrowserStore::new(kind);
        assert_eq!(
            second.get("velvet-rope.test").unwrap().is_some(),
            survives,
            "{kind:?}"
        );
        second.remove("velvet-rope.test").unwrap();
    }
}

#[wasm_bindgen_test]
fn a_full_store_says_so() {
    let store = BrowserStore::new(StorageKind::Session);
    let too_much = "x".repeat(12 * 1024 * 1024);
    assert_eq!(
        store.set("velvet-rope.test", &too_much),
        Err(StoreError::Full)
    );
}

#[wasm_bindgen_test]
fn each_store_tells_its_keys() {
    for kind in [
        StorageKind::Session,
        StorageKind::Local,
        StorageKind::Memory,
    ] {
        let store = BrowserStore::new(kind);
        let before = store.keys().unwrap().len();
        for key in ["velvet-rope.a", "velvet-rope.b", "velvet-rope.a"] {
            store.set(key, "1").unwrap();
        }
        let keys = store.keys().unwrap();
        for key in ["velvet-rope.a", "velvet-rope.b"] {
            assert!(keys.iter().any(|held| held == key), "{kind:?}: {keys:?}");
            store.remove(key).unwrap();
        }
        assert_eq!(keys.len(), before + 2, "{kind:?}: {keys:?}");
        assert_eq!(store.keys().unwrap().len(), before, "{kind:?}");
    }
}

#[wasm_bindgen_test]
fn a_store_that_the_browser_blocks_says_so() {
    let _replaced = replace("window", "sessionStorage", "null");
    let store = BrowserStore::new(StorageKind::Session);
    assert_eq!(store.keys(), Err(StoreError::Blocked));
    assert_eq!(store.get("velvet-rope.test"), Err(StoreError::Blocked));
}
