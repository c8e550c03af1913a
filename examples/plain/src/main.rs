//! Velvet Rope without Leptos: a page that shows the auth state, and buttons to sign in, call a route and sign out.
#![expect(
    clippy::disallowed_methods,
    reason = "a plain page uses the browser's APIs itself"
)]

use std::rc::Rc;

use velvet_rope::browser::{page, spawn};
use velvet_rope::{
    AuthState, BrowserClient, CallbackOutcome, Change, SignInOptions, SignOutScope, browser_client,
    client, load_config,
};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlElement;

fn main() {
    spawn(start());
}

async fn start() {
    let config = match load_config().await {
        Ok(config) => config,
        Err(error) => return set_text("state", &error.to_string()),
    };
    let client = browser_client(config);
    client.watch(|change| {
        if let Change::Session(session) = change {
            show(&session.state());
        }
    });
    client::open(&client, |outcome| {
        if let CallbackOutcome::Done { return_to } = outcome {
            page::replace_address(&return_to);
        }
    });
    // Renews the session, and keeps the client for as long as the page.
    client::run(&client, || {});
    on_click("sign-in", &client, async |client| {
        // The auth state has the error.
        let _ = client::sign_in(&client, "/", &SignInOptions::default()).await;
    });
    on_click("sign-out", &client, async |client| {
        client::sign_out(&client, SignOutScope::ThisApp).await;
    });
    on_click("call", &client, async |client| {
        let answer = client.gateway().get("/require-auth").send().await;
        let text = answer.map_or_else(
            |error| error.to_string(),
            |answer| answer.text().into_owned(),
        );
        set_text("answer", &text);
    });
}

fn show(state: &AuthState) {
    let text = match state {
        AuthState::Restoring | AuthState::SigningIn => "One moment…".to_owned(),
        AuthState::SignedOut(_) => "You are not signed in.".to_owned(),
        AuthState::SignedIn(user) => ["You are signed in as ", &user.name, "."].concat(),
    };
    set_text("state", &text);
    let signed_in = matches!(state, AuthState::SignedIn(_));
    let signed_out = matches!(state, AuthState::SignedOut(_));
    for (id, visible) in [
        ("sign-in", signed_out),
        ("call", signed_in),
        ("sign-out", signed_in),
    ] {
        if let Some(button) = element(id) {
            button.set_hidden(!visible);
        }
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.get_element_by_id(id)?.dyn_into().ok()
}

fn set_text(id: &str, text: &str) {
    if let Some(element) = element(id) {
        element.set_text_content(Some(text));
    }
}

/// Runs `action` at each click on the button `id`.
fn on_click<F: Future<Output = ()> + 'static>(
    id: &str,
    client: &Rc<BrowserClient>,
    action: impl Fn(Rc<BrowserClient>) -> F + 'static,
) {
    let client = Rc::clone(client);
    let listener = Closure::<dyn Fn()>::new(move || spawn(action(Rc::clone(&client))));
    if let Some(button) = element(id) {
        button.set_onclick(Some(listener.into_js_value().unchecked_ref()));
    }
}
