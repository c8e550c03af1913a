//! Who sees what: the components that other apps build upon.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::prelude::*;
use velvet_rope::auth::{RequireAuth, Restoring, SignedIn, SignedOut, provide_auth, use_auth};
use velvet_rope::config::{Config, parse};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::help::{js, replace, until};

/// A configuration with a client of its own, and so with a session and other tabs of its own.
fn config(client: &str) -> Config {
    let example = include_str!("../../public/config.example.json");
    parse(&example.replace("1example23456789abcdefghij", client)).unwrap()
}

/// Keeps a session of `client` that holds for an hour, as an earlier page load would have done.
fn keep_session(client: &str) {
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

fn root() -> web_sys::HtmlElement {
    js("document.body.appendChild(document.createElement('div'))").unchecked_into()
}

/// How often what is shown to people who are signed in was made, and what is shown to the others.
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
async fn nobody_sees_the_inside_and_the_outside_is_made_once() {
    js("sessionStorage.clear()");
    let (root, made) = (root(), Made::default());
    let shown = made.clone();
    let mounted = leptos::mount::mount_to(root.clone(), move || {
        view! { <Three config=config("1nobody") made=shown/> }
    });
    until("stay out", || root.inner_text() == "stay out").await;
    assert_eq!(made.counts(), [0, 1]);
    drop(mounted);
    root.remove();
}

#[wasm_bindgen_test]
async fn the_inside_is_shown_at_once_and_goes_when_another_tab_signs_out() {
    keep_session("1somebody");
    let (root, made) = (root(), Made::default());
    let shown = made.clone();
    let mounted = leptos::mount::mount_to(root.clone(), move || {
        view! { <Three config=config("1somebody") made=shown/> }
    });
    // A page with a live session never shows that it looks for one.
    assert_eq!(root.inner_text(), "come in");
    let tell = |message: &str| {
        js(&format!(
            "(() => {{ const other = new BroadcastChannel('velvet-rope.1somebody');
               other.postMessage(JSON.stringify({message})); other.close(); }})()"
        ));
    };
    // The session changes, but not whose it is: nothing is made anew, although the inside looks at the session.
    tell(
        "{ version: 1, kind: 'identity', id: '1somebody', revision: 1, role: null, identity_id: 'eu-west-1:1' }",
    );
    tell("{ version: 1, kind: 'signed_out', id: '1somebody', idle: false }");
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
async fn a_sign_in_that_fails_is_not_begun_again_and_again() {
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
    // One draw to restore, one to sign in.
    assert_eq!(js("window.draws").as_f64(), Some(2.0));
    drop((mounted, no_randomness));
    root.remove();
}
