//! Long work in pieces.

use js_sys::{Function, Promise};
use wasm_bindgen_futures::JsFuture;

/// Lets the browser handle input and paint before the next piece of a long work.
pub async fn pause() {
    let next_task = Promise::new(&mut |resolve: Function, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 0);
        }
    });
    // A timer does not fail.
    let _ = JsFuture::from(next_task).await;
}
