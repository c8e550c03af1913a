//! The ready parts: what they show, and how they react to keyboard and pointer.

use leptos::prelude::*;
use velvet_rope::{
    AuthError, AuthProvider, CallbackPage, SignInButton, SignOutScope, SignedOut, SignedOutPage,
    UserMenu,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::components::{broadcast, config, root, store_session};
use crate::help::{js, until};

/// Whether the menu of the page says that it is open, and whether its panel is shown; both have to agree.
fn is_open() -> bool {
    let expanded = js("document.querySelector('.user-menu-button').ariaExpanded").as_string();
    let hidden = js("document.querySelector('.user-menu-panel').hidden").as_bool();
    assert_eq!(expanded.as_deref() == Some("true"), hidden == Some(false));
    hidden == Some(false)
}

fn click(selector: &str) {
    js(&format!("document.querySelector('{selector}').click()"));
}

async fn opened() {
    click(".user-menu-button");
    until("the open menu", is_open).await;
}

#[wasm_bindgen_test]
async fn the_menu_of_the_user_opens_and_closes() {
    store_session("1menu");
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        let sign_out = vec![(SignOutScope::Everywhere, "Everywhere".to_owned())];
        view! {
            <AuthProvider config=config("1menu")>
                <UserMenu sign_out=sign_out.clone()><a href="#settings">"Settings"</a></UserMenu>
            </AuthProvider>
        }
    });
    let text = |selector: &str| {
        let text = js(&format!("document.querySelector('{selector}').textContent"));
        text.as_string().unwrap_or_default()
    };
    assert_eq!(text(".user-menu-button"), "Ada");
    assert_eq!(text(".user-menu-identity"), "Signed in as Ada");
    assert_eq!(text(".sign-out-button"), "Everywhere");
    assert!(!is_open());

    opened().await;
    js("document.querySelector('.user-menu-panel a').focus()");
    js(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))",
    );
    until("the closed menu", || !is_open()).await;
    let focused = js("document.activeElement.className").as_string();
    assert_eq!(focused.as_deref(), Some("user-menu-button"));

    opened().await;
    js(
        "document.querySelector('.user-menu-identity').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))",
    );
    assert!(is_open(), "a click inside closed the menu");
    js("document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))");
    until("the closed menu", || !is_open()).await;

    opened().await;
    click(".user-menu-panel a");
    until("the closed menu", || !is_open()).await;

    broadcast(
        "1menu",
        "{ version: 1, kind: 'signed_out', id: '1menu', idle: false }",
    );
    until("no menu", || root.inner_text().is_empty()).await;
    drop(mounted);
    root.remove();
    js("sessionStorage.clear()");
    js("history.replaceState(null, '', '/')");
}

#[wasm_bindgen_test]
async fn the_page_after_signing_out_knows_who_did_not_sign_out() {
    store_session("1out");
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        view! {
            <AuthProvider config=config("1out")>
                <SignedOutPage>"Goodbye"</SignedOutPage>
                <SignedOut><SignInButton class="wide"/></SignedOut>
            </AuthProvider>
        }
    });
    let text = root.inner_text();
    assert!(text.contains("You are still signed in"), "{text}");
    assert!(text.contains("You are signed in as Ada."), "{text}");
    broadcast(
        "1out",
        "{ version: 1, kind: 'signed_out', id: '1out', idle: false }",
    );
    until("the page after signing out", || {
        root.inner_text().contains("Goodbye")
    })
    .await;
    let button = js("document.querySelector('.sign-in-button.wide').innerText").as_string();
    assert_eq!(button.as_deref(), Some("Sign in"));
    drop(mounted);
    root.remove();
    js("sessionStorage.clear()");
}

#[wasm_bindgen_test]
async fn a_failed_callback_is_described_in_the_words_of_the_app() {
    js("sessionStorage.clear()");
    js("history.replaceState(null, '', '/authenticated?code=c&state=unknown')");
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        let error = |error: AuthError| match error {
            AuthError::StateUnknown => "This sign-in began elsewhere",
            _ => "Something else",
        };
        view! {
            <AuthProvider config=config("1callback")><CallbackPage pending=|| "Wait" error/></AuthProvider>
        }
    });
    until("the words", || {
        root.inner_text() == "This sign-in began elsewhere"
    })
    .await;
    // The code must not be in the history.
    assert_eq!(js("location.search").as_string().as_deref(), Some(""));
    drop(mounted);
    root.remove();
    js("history.replaceState(null, '', '/')");
}

#[wasm_bindgen_test]
async fn without_a_configuration_the_provider_says_so() {
    let root = root();
    let mounted = leptos::mount::mount_to(root.clone(), || {
        view! { <AuthProvider>"The app"</AuthProvider> }
    });
    assert_eq!(root.inner_text(), "Loading…");
    until("the error", || {
        root.inner_text() == "there is no config.json"
    })
    .await;
    let role = root.query_selector(".auth-error").ok().flatten().unwrap();
    assert_eq!(role.get_attribute("role").as_deref(), Some("alert"));
    drop(mounted);
    root.remove();
}
