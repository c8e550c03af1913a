//! Signing out with the page that follows it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::auth::use_auth;
use crate::browser::page;
use crate::session::sign_out::SignOutScope;

/// Signs out, then shows the page after signing out if the provider, which usually leads there, cannot be reached.
///
/// Call it while a component is created; run the returned callback in event handlers.
/// [`Auth::sign_out`](crate::Auth::sign_out) is the same without the page that follows.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{SignOutScope, use_sign_out};
///
/// #[component]
/// fn SignOutEverywhere() -> impl IntoView {
///     let sign_out = use_sign_out();
///     view! { <button on:click=move |_| sign_out.run(SignOutScope::Everywhere)>"Sign out everywhere"</button> }
/// }
/// ```
#[must_use]
pub fn use_sign_out() -> Callback<SignOutScope> {
    let auth = use_auth();
    Callback::new(move |scope| {
        spawn_local(async move {
            if auth.sign_out(scope).await {
                page::go_to(&auth.config().provider.sign_out_path, false);
            }
        });
    })
}
