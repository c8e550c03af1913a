//! The stores.

use velvet_rope::browser::storage::BrowserStore;
use velvet_rope::config::StorageKind;
use velvet_rope::store::Store as _;
use wasm_bindgen_test::wasm_bindgen_test;

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
        Err(velvet_rope::store::StoreError::Full)
    );
}
