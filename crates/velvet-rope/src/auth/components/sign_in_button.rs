//! The button that signs in.
//!
//! It is a button and not a link: the address of the provider's page contains random values that are created when the
//! user clicks.

use leptos::prelude::*;

use crate::auth::use_auth;
use crate::oauth::options::SignInOptions;

/// A button of class `sign-in-button` that leaves for the provider's sign-in page. Its children are its label.
///
/// If the sign-in cannot begin, for example because the provider's discovery document cannot be loaded, the user stays
/// on the page. The error is then in [`Auth::status`](crate::Auth::status) and, while no user is signed in, in
/// [`AuthState::SignedOut`](crate::AuthState::SignedOut).
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{SignInButton, SignedOut};
///
/// #[component]
/// fn Header() -> impl IntoView {
///     view! { <SignedOut><SignInButton return_to="/orders">"Sign in to order"</SignInButton></SignedOut> }
/// }
/// ```
#[component]
pub fn SignInButton(
    /// More classes, separated by blanks.
    #[prop(optional)]
    class: &'static str,
    /// The path that the user returns to; by default that of the current page.
    #[prop(optional, into)]
    return_to: Option<String>,
    /// What the sign-in asks for beyond the usual.
    #[prop(optional)]
    options: SignInOptions,
    /// The label, by default "Sign in".
    #[prop(default = default_label())]
    children: Children,
) -> impl IntoView {
    let auth = use_auth();
    let on_click = move |_| {
        let return_to = return_to.clone().unwrap_or_else(|| auth.return_path());
        auth.sign_in_with(&return_to, options.clone());
    };
    let class = ["sign-in-button ", class].concat();
    view! { <button class=class type="button" on:click=on_click>{children()}</button> }
}

fn default_label() -> Children {
    Box::new(|| "Sign in".into_any())
}
