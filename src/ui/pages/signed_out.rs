//! Where Cognito sends people after signing out.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::auth::use_auth;
use crate::browser::page;
use crate::session::sign_out::SignOutScope;
use crate::session::state::Who;

/// The page.
#[component]
pub(in crate::ui) fn SignedOutPage() -> impl IntoView {
    page::set_title("Signed out · Velvet Rope");
    let auth = use_auth();
    let who = auth.who();
    let view_state = move || {
        match who.get() {
        // Somebody opened this address without signing out.
        Who::SignedIn(user) => view! {
            <h1>"You are still signed in"</h1>
            <p>"You are signed in as "<strong>{user.name}</strong>"."</p>
            <p class="actions">
                <button class="button button-primary" type="button" on:click=move |_| spawn_local(async move { auth.sign_out(SignOutScope::ThisApp).await; })>"Sign out now"</button>
                <a href="/">"Go to the start page"</a>
            </p>
        }
        .into_any(),
        _ => view! {
            <h1>"You are signed out"</h1>
            <p>"This browser has forgotten your session, and the sign-in page has too."</p>
            <p class="actions">
                <button class="button button-primary" type="button" on:click=move |_| auth.sign_in("/")>"Sign in again"</button>
                <a href="/">"Go to the start page"</a>
            </p>
        }
        .into_any(),
    }
    };
    view! { <section>{view_state}</section> }
}
