//! Large bodies, in pieces, so that the page stays responsive while they are copied.

use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::clock::pause;

/// From this length on, in bytes, a body is a `Blob`. Of an array, `fetch` makes two copies, both on the main thread.
const BLOB: usize = 256 * 1024;

/// The number of bytes that are copied at once. `cargo xtask bench body` measures what that takes.
const PIECE: usize = 1024 * 1024;

/// A large body as the browser sends it: `None` for a small one, and where the browser refuses to make it.
pub(super) async fn blob(bytes: &[u8]) -> Option<Blob> {
    if bytes.len() < BLOB {
        return None;
    }
    let pieces = Array::new();
    for piece in bytes.chunks(PIECE) {
        give_way(bytes).await;
        let array = Uint8Array::from(piece);
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&array)).ok()?;
        pieces.push(&JsValue::from(blob));
    }
    // Made of the pieces without another copy of their bytes.
    Blob::new_with_blob_sequence(&pieces).ok()
}

/// Before a step that takes milliseconds for a body of this length: the browser handles input and paints. A hidden page has
/// neither, and its timers wait for a second.
pub(super) async fn give_way(bytes: &[u8]) {
    let document = web_sys::window().and_then(|window| window.document());
    let is_hidden = document.is_some_and(|document| document.hidden());
    if bytes.len() > PIECE && !is_hidden {
        pause(Duration::ZERO).await;
    }
}
