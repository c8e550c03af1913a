//! `boot.js`, which explains why the app does not start, and a page that the browser translates.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{js, replace, until};

/// A page that is still loading, with `boot.js` in it.
fn page() -> web_sys::HtmlElement {
    let root: web_sys::HtmlElement =
        js("document.body.appendChild(document.createElement('div'))").unchecked_into();
    root.set_inner_html(r#"<p class="boot" role="status">Loading…</p>"#);
    root
}

fn boot() {
    js_sys::eval(include_str!("../../boot.js")).unwrap();
}

#[wasm_bindgen_test]
fn a_browser_that_cannot_run_the_app_is_told_so() {
    for (object, name, text) in [
        (
            "HTMLScriptElement.prototype",
            "noModule",
            "it has no JavaScript modules",
        ),
        ("window", "WebAssembly", "needs WebAssembly"),
    ] {
        let root = page();
        let missing = if name == "noModule" {
            let descriptor =
                js("Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, 'noModule')");
            js("delete HTMLScriptElement.prototype.noModule");
            Err(descriptor)
        } else {
            Ok(replace(object, name, "undefined"))
        };
        boot();
        if let Err(descriptor) = missing {
            let prototype: js_sys::Object = js(object).unchecked_into();
            js_sys::Object::define_property(&prototype, &name.into(), descriptor.unchecked_ref());
        }
        assert!(root.inner_text().contains(text), "{}", root.inner_text());
        assert!(
            root.inner_text().contains("Safari 16"),
            "{}",
            root.inner_text()
        );
        root.remove();
    }
}

#[wasm_bindgen_test]
async fn a_page_that_fails_to_start_says_why() {
    for (failure, text) in [
        (
            "window.dispatchEvent(new ErrorEvent('error', { message: 'CompileError: no' }))",
            "could not start: CompileError: no",
        ),
        (
            "document.body.appendChild(Object.assign(document.createElement('script'), { src: '/no-such.js' }))",
            "could not start: a script could not be loaded",
        ),
        (
            "window.dispatchEvent(new PromiseRejectionEvent('unhandledrejection', \
                { promise: Promise.resolve(), reason: new TypeError('gone') }))",
            "could not start: gone",
        ),
        (
            "document.dispatchEvent(new SecurityPolicyViolationEvent('securitypolicyviolation', \
                { effectiveDirective: 'script-src-elem', blockedURI: 'inline', violatedDirective: 'script-src-elem', \
                  documentURI: '/', originalPolicy: '', statusCode: 200, disposition: 'enforce' }))",
            "its Content-Security-Policy blocks its own script (inline)",
        ),
    ] {
        let root = page();
        boot();
        js(failure);
        until(text, || root.inner_text().contains(text)).await;
        root.remove();
    }
}

#[wasm_bindgen_test]
async fn a_page_that_loads_for_long_says_so() {
    let at_once = replace(
        "window",
        "setTimeout",
        "(then, after) => { window.after = after; then(); }",
    );
    let root = page();
    boot();
    drop(at_once);
    assert!(
        root.inner_text().contains("Still loading."),
        "{}",
        root.inner_text()
    );
    assert_eq!(js("window.after").as_f64(), Some(30_000.0));
    root.remove();
}

#[wasm_bindgen_test]
async fn a_script_that_is_not_waited_for_may_be_missing() {
    let root = page();
    boot();
    js(
        "document.body.appendChild(Object.assign(document.createElement('script'), { \
        src: '/no-such.js', onerror() { window.missing = this.hasAttribute('async') } })).setAttribute('async', '')",
    );
    until("the error", || js("window.missing").is_truthy()).await;
    assert_eq!(root.inner_text(), "Loading…");
    root.remove();
}

#[wasm_bindgen_test]
async fn a_failure_before_the_page_is_there_is_shown_once_it_is() {
    let parsing = replace("document", "readyState", "'loading'");
    boot();
    js("window.dispatchEvent(new ErrorEvent('error', { message: 'early' }))");
    drop(parsing);
    let root = page();
    assert!(
        !root.inner_text().contains("early"),
        "{}",
        root.inner_text()
    );
    js("document.dispatchEvent(new Event('DOMContentLoaded'))");
    assert!(root.inner_text().contains("early"), "{}", root.inner_text());
    root.remove();
}

/// What a browser that translates does to each text.
fn translate() {
    js("(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) { texts.push(walker.currentNode); }
        for (const text of texts) {
            const font = document.createElement('font');
            text.replaceWith(font);
            font.appendChild(document.createElement('font')).textContent = text.data;
        }
    })()");
}

/// The reason for `translate=\"no\"` in `index.html`: the framework writes into texts that the translation has taken off
/// the page. When this test fails, the framework has learnt to live with it, and the attribute can go.
#[wasm_bindgen_test]
async fn a_translated_text_is_not_updated() {
    let root: web_sys::HtmlElement =
        js("document.body.appendChild(document.createElement('div'))").unchecked_into();
    let state = RwSignal::new("signed out");
    let mounted = leptos::mount::mount_to(root.clone(), move || {
        view! { <p>{move || state.get()}</p><p class="plain">"a text"</p> }
    });
    state.set("signed in");
    until("an update", || root.inner_text().contains("signed in")).await;
    translate();
    state.set("signed out");
    for _ in 0..5 {
        gloo_timers::future::TimeoutFuture::new(1).await;
    }
    assert!(
        root.inner_text().contains("signed in"),
        "{}",
        root.inner_text()
    );
    let page = include_str!("../../index.html");
    assert!(page.contains(r#"<html lang="en" translate="no">"#));
    drop(mounted);
    root.remove();
}
