//! Going to another page of the app, and signing out with what follows it.
//!
//! The library works with and without `leptos_router`. This file is the only one that knows whether there is a router.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::location::BrowserUrl;

use crate::auth::use_auth;
use crate::browser::page;
use crate::session::sign_out::SignOutScope;

/// Goes to a path of this site; with `replace`, Back does not lead to the current page. Without a router only the
/// address changes: such an app shows its pages by the auth state.
pub(super) fn use_navigation() -> impl Fn(&str, bool) + Clone + Send + Sync + 'static {
    // The router provides its location to everything below it.
    let navigate = use_context::<BrowserUrl>().map(|_| use_navigate());
    move |path, replace| match &navigate {
        Some(navigate) => {
            let options = NavigateOptions {
                replace,
                ..NavigateOptions::default()
            };
            navigate(path, options);
        }
        None => page::replace_address(path),
    }
}

/// Signs out, then shows the page after signing out if the provider, which usually leads there, cannot be reached.
/// Below a router, call this below the `Router` component.
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
    let navigate = use_navigation();
    Callback::new(move |scope| {
        let navigate = navigate.clone();
        spawn_local(async move {
            if auth.sign_out(scope).await {
                navigate(&auth.config().provider.sign_out_path, false);
            }
        });
    })
}
