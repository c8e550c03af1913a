//! The page, its clock and its randomness.

use std::cell::Cell;
use std::rc::Rc;

use velvet_rope::browser::{clock, page, random};
use velvet_rope::time::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{js, replace, until};

#[wasm_bindgen_test]
fn the_clock_is_past_the_day_this_was_written() {
    assert!(clock::now() > Timestamp(1_760_000_000));
}

#[wasm_bindgen_test]
fn every_sign_in_gets_randomness_of_its_own() {
    let (first, second) = (random::entropy().unwrap(), random::entropy().unwrap());
    assert_ne!(first.state, second.state);
    assert_ne!(first.nonce, second.nonce);
    assert_ne!(first.code_verifier, second.code_verifier);
    assert_ne!(first.state, first.nonce);
    assert_ne!(first.code_verifier, [0; 32]);
}

#[wasm_bindgen_test]
fn the_address_is_read_and_replaced_without_a_load() {
    let before = page::path_query_fragment();
    page::replace_address("/authenticated?code=a&state=b#c");
    assert_eq!(page::path(), "/authenticated");
    assert_eq!(page::query(), "code=a&state=b");
    assert_eq!(
        page::path_query_fragment(),
        "/authenticated?code=a&state=b#c"
    );
    page::replace_address("/authenticated");
    assert_eq!(page::query(), "");
    page::replace_address(&before);
}

#[wasm_bindgen_test]
fn another_page_of_the_site_is_shown_as_back_and_forward_show_it() {
    let before = page::path_query_fragment();
    let entries = || js("history.length").as_f64();
    let entries_before = entries();
    js(
        "window.shown = [], window.addEventListener('popstate', () => shown.push(location.pathname))",
    );
    page::go_to("/orders?page=2", false);
    assert_eq!(page::path_query_fragment(), "/orders?page=2");
    assert_eq!(entries(), entries_before.map(|entries| entries + 1.0));
    page::go_to("/orders/7", true);
    assert_eq!(entries(), entries_before.map(|entries| entries + 1.0));
    let shown = js("shown.join(' ')").as_string();
    assert_eq!(shown.as_deref(), Some("/orders /orders/7"));
    page::replace_address(&before);
}

#[wasm_bindgen_test]
async fn what_the_fragment_names_is_in_view_as_after_loading_the_page() {
    let before = page::path_query_fragment();
    js(
        "document.body.insertAdjacentHTML('beforeend', '<div id=tall style=\"height: 5000px\"></div><p id=größe>Here</p>')",
    );
    page::go_to("/orders#gr%C3%B6%C3%9Fe", true);
    let scrolled = || js("window.scrollY").as_f64();
    until("the page is scrolled down", || {
        scrolled().is_some_and(|by| by > 1_000.0)
    })
    .await;
    page::go_to("/orders", true);
    until("the page is at the top", || scrolled() == Some(0.0)).await;
    js("tall.nextSibling.remove(), tall.remove()");
    page::replace_address(&before);
}

#[wasm_bindgen_test]
fn the_runner_serves_a_secure_context_with_an_origin() {
    assert!(page::origin().starts_with("http://"), "{}", page::origin());
    assert!(page::is_secure_context());
    assert!(page::is_online());
}

fn counter() -> (Rc<Cell<u32>>, impl Fn()) {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    (count, move || counted.set(counted.get() + 1))
}

#[wasm_bindgen_test]
fn the_page_wakes_with_the_network_the_focus_and_when_it_is_in_view() {
    let (wakes, count) = counter();
    page::on_wake(count);
    for name in ["online", "focus", "pageshow"] {
        js(&format!("window.dispatchEvent(new Event('{name}'))"));
        assert_eq!(wakes.replace(0), 1, "{name}");
    }
    let turn = "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))";
    js(turn);
    assert_eq!(wakes.replace(0), 1, "in view");
    let _replaced = replace("document", "hidden", "true");
    js(turn);
    assert_eq!(wakes.replace(0), 0, "out of view");
    js("window.dispatchEvent(new Event('online'))");
    assert_eq!(wakes.replace(0), 1, "online out of view");
}

#[wasm_bindgen_test]
fn activity_anywhere_on_the_page_counts_even_if_others_stop_its_event() {
    let (acts, count) = counter();
    page::on_activity(count);
    js("document.body.appendChild(Object.assign(document.createElement('p'), { id: 'inside' }))");
    js("inside.addEventListener('keydown', (event) => event.stopPropagation())");
    for name in ["pointerdown", "keydown", "wheel", "scroll", "touchstart"] {
        let event = format!("new Event('{name}', {{ cancelable: true }})");
        assert_eq!(
            js(&format!("inside.dispatchEvent({event})")),
            true,
            "{name}"
        );
        assert_eq!(acts.replace(0), 1, "{name}");
    }
    js("inside.dispatchEvent(new Event('pointermove'))");
    assert_eq!(acts.get(), 0);
    velvet_rope_app::browser::page::remove("inside");
}
