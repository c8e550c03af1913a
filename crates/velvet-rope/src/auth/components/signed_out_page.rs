//! The page that the provider returns to after a sign-out.
//!
//! The provider redirects to this page after it has ended its own session. The app also shows it when the provider
//! could not be reached.

use leptos::prelude::*;

use super::{SignInButton, ViewOf, use_sign_out};
use crate::auth::use_auth;
use crate::session::sign_out::SignOutScope;
use crate::session::state::{AuthState, User};

/// The page at the configured `sign_out_path`. It shows `pending` while a sign-out is in progress or the session is
/// being restored, `signed_in` to a user who opened the address without signing out, and otherwise its children, which
/// may read [`Auth::sign_out_report`](crate::Auth::sign_out_report).
///
/// A user who chose [`SignOutScope::SwitchUser`] does not stay on this page: [`provide_auth`](crate::provide_auth)
/// starts the next sign-in as soon as the provider has returned.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{SignInButton, SignedOutPage};
///
/// #[component]
/// fn Goodbye() -> impl IntoView {
///     view! {
///         <SignedOutPage>
///             <h1>"You are signed out"</h1>
///             <SignInButton return_to="/">"Sign in again"</SignInButton>
///         </SignedOutPage>
///     }
/// }
/// ```
#[component]
pub fn SignedOutPage(
    /// Shown until it is known whether the user is signed out.
    #[prop(default = ViewFn::from(default_pending), into)]
    pending: ViewFn,
    /// Shown to a user who is still signed in.
    #[prop(default = ViewOf::from(default_signed_in), into)]
    signed_in: ViewOf<User>,
    /// Shown to a user who is signed out.
    #[prop(default = default_signed_out())]
    children: ChildrenFn,
) -> impl IntoView {
    let auth = use_auth();
    move || match auth.state().get() {
        _ if auth.signing_out().get() => pending.run(),
        AuthState::Restoring | AuthState::SigningIn => pending.run(),
        AuthState::SignedIn(user) => signed_in.run(user),
        AuthState::SignedOut(_) => children(),
    }
}

fn default_pending() -> AnyView {
    view! { <p class="auth-loading" role="status">"One moment…"</p> }.into_any()
}

fn default_signed_in(user: User) -> AnyView {
    let sign_out = use_sign_out();
    view! {
        <h1>"You are still signed in"</h1>
        <p>"You are signed in as "{user.name}"."</p>
        <button class="sign-out-button" type="button" on:click=move |_| sign_out.run(SignOutScope::ThisApp)>
            "Sign out"
        </button>
    }
    .into_any()
}

fn default_signed_out() -> ChildrenFn {
    std::sync::Arc::new(|| {
        view! {
            <h1>"You are signed out"</h1>
            <SignInButton return_to="/">"Sign in again"</SignInButton>
        }
        .into_any()
    })
}
