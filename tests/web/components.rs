//! The guards: what they show in each auth state, and how often they create it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::prelude::*;
use velvet_rope::{
    Config, RequireAuth, Restoring, SignedIn, SignedOut, parse_config, provide_auth, use_auth,
};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{js, replace, until};

/// A configuration with its own client, and so with its own session and tabs.
pub(crate) fn config(client: &str) -> Config {
    let example = include_str!("../../public/config.example.json");
    parse_config(&example.replace("1example23456789abcdefghij", client)).unwrap()
}

/// Stores a session of `client` that is valid for an hour, as an earlier page load would have done.
pub(crate) fn store_session(client: &str) {
    js(&format!(
        "(() => {{
            const part = value => btoa(JSON.stringify(value)).replaceAll('=', '');
            const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
            const iat = Math.floor(Date.now() / 1000), exp = iat + 3600;
            const claims = {{ iss, aud: '{client}', sub: '1', name: 'Ada', iat, exp }};
            const record = {{
                version: 2, issuer: iss, client_id: '{client}', id: '{client}', revision: 1, since: iat,
                expires: exp, id_token: [part({{}}), part(claims), 'c2ln'].join('.'), access_token: 'a',
            }};
            sessionStorage.setItem('velvet-rope.session', JSON.stringify(record));
        }})()"
    ));
}

pub(crate) fn root() -> web_sys::HtmlElement {
    js("document.body.appendChild(document.createElement('div'))").unchecked_into()
}

/// Sends a message to the tabs of `client`, as another tab would.
pub(crate) fn broadcast(client: &str, message: &str) {
    js(&format!(
        "(() => {{ const other = new BroadcastChannel('velvet-rope.{client}');
           other.postMessage(JSON.stringify({message})); other.close(); }})()"
    ));
}

/// How often the children for the signed-in user were created, and those for the others.
#[derive(Clone, Default)]
struct Made(Arc<[AtomicUsize; 2]>);

impl Made {
    fn make(&self, which: usize, text: &'static str) -> &'static str {
        self.0[which].fetch_add(1, Ordering::Relaxed);
        text
    }

    fn counts(&self) -> [usize; 2] {
        [0, 1].map(|which| self.0[which].load(Ordering::Relaxed))
    }
}

#[component]
fn Three(config: Config, made: Made) -> impl IntoView {
    provide_auth(config);
    let auth = use_auth();
    let (inside, outside) = (made.clone(), made);
    view! {
        <Restoring>"wait"</Restoring>
        <SignedIn>{inside.make(0, "come in")}{auth.session_info().map(|_| ())}</SignedIn>
        <SignedOut>{outside.make(1, "stay out")}</SignedOut>
    }
}

#[wasm_bindgen_test]
async fn a_guest_sees_what_is_for_guests_created_once() {
    js("sessionStorage.clear()");
    let (root, made) = (root(), Made::default());
    let shown = made.clone();
    let mounted = leptos::mount::mount_to(root.clone(), move || {
        view! { <Three config=config("1guest") made=shown/> }
    });
    until("stay out", || root.inner_text() == "stay out").await;
    assert_eq!(made.counts(), [0, 1]);
    drop(mounted);
    root.remove();
}

#[wasm_bindgen_test]
async fn a_stored_session_is_shown_at_once_until_another_tab_signs_out() {
    store_session("1user");
    let (root, made) = (root(), Made::default());
    let shown = made.clone();
    let mounted = leptos::mount::mount_to(root.clone(), move || {
        view! { <Three config=config("1user") made=shown/> }
    });
    // A page with a valid session never shows that it is restoring one.
    assert_eq!(root.inner_text(), "come in");
    // The session changes, but not its user: the children are not created again, although they read the session.
    broadcast(
        "1user",
        "{ version: 1, kind: 'identity', id: '1user', role: null, identity_id: 'eu-west-1:1', identity_revision: 1 }",
    );
    broadcast(
        "1user",
        "{ version: 1, kind: 'signed_out', id: '1user', idle: false }",
    );
    until("stay out", || root.inner_text() == "stay out").await;
    assert_eq!(made.counts(), [1, 1]);
    drop(mounted);
    root.remove();
    js("sessionStorage.clear()");
}

#[component]
fn Guarded(config: Config) -> impl IntoView {
    provide_auth(config);
    let auth = use_auth();
    let fallback = move || format!("{:?}", auth.state().get());
    view! { <RequireAuth fallback>"come in"</RequireAuth> }
}

/// Without randomness a sign-in fails before the page is left, which would end the test.
#[wasm_bindgen_test]
async fn a_failed_sign_in_is_not_repeated() {
    js("sessionStorage.clear()");
    js("window.draws = 0");
    let no_randomness = replace(
        "window.crypto",
        "getRandomValues",
        "() => { window.draws += 1; throw new Error('none'); }",
    );
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        view! { <Guarded config=config("1guarded")/> }
    });
    until("the failure", || root.inner_text().contains("NoRandomness")).await;
    for _ in 0..20 {
        gloo_timers::future::TimeoutFuture::new(5).await;
    }
    // A guest is recognized without one.
    assert_eq!(js("window.draws").as_f64(), Some(1.0));
    drop((mounted, no_randomness));
    root.remove();
}
