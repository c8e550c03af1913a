//! The first page: without a configuration it explains how to get one.

use velvet_rope_app::Boot;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

/// Waits, a turn of the browser's loop at a time, until `text` is shown.
async fn shown(root: &web_sys::HtmlElement, text: &str) {
    for _ in 0..2_000 {
        if root.inner_text().contains(text) {
            return;
        }
        gloo_timers::future::TimeoutFuture::new(5).await;
    }
    panic!("{text:?} is not shown in {:?}", root.inner_text());
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test makes room for the page itself"
)]
#[wasm_bindgen_test]
async fn a_site_without_configuration_says_how_to_get_one() {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: web_sys::HtmlElement = document.create_element("div").unwrap().dyn_into().unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    let mounted = leptos::mount::mount_to(root.clone(), Boot);
    shown(&root, "There is no configuration yet").await;
    shown(&root, "cargo xtask start").await;
    drop(mounted);
    root.remove();
}
