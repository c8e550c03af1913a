//! Guards: components that show their children by the auth state.
//!
//! A guard decides what is shown. It does not protect data: every file of the app is public, and only the API can
//! refuse a request.
//!
//! Exactly one of [`SignedIn`], [`SignedOut`] and [`Restoring`] shows its children at any time.

use leptos::prelude::*;

use crate::auth::use_auth;
use crate::browser::page;
use crate::session::state::{AuthState, SignedOutReason};

/// Shows `children` while `is` holds for the auth state.
fn shown(is: fn(&AuthState) -> bool, children: ChildrenFn) -> impl IntoView {
    let state = use_auth().state();
    // A change of the user's name does not create the children again.
    let shows = Memo::new(move |_| state.with(is));
    // Nor does what they read while they are created.
    move || shows.get().then(|| untrack(|| children()))
}

/// Shows its children to the signed-in user.
///
/// The children stay in place when tokens are renewed, and when name or e-mail address change with a renewal. They are
/// removed when the session ends in any tab.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{Restoring, SignInButton, SignedIn, SignedOut};
///
/// #[component]
/// fn Welcome() -> impl IntoView {
///     view! {
///         <Restoring>"One moment…"</Restoring>
///         <SignedIn>"Welcome back"</SignedIn>
///         <SignedOut><SignInButton/></SignedOut>
///     }
/// }
/// ```
#[component]
pub fn SignedIn(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(|state| matches!(state, AuthState::SignedIn(_)), children)
}

/// Shows its children when no user is signed in.
///
/// [`AuthState::SignedOut`] has the reason, for example that the session was idle for too long.
#[component]
pub fn SignedOut(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(|state| matches!(state, AuthState::SignedOut(_)), children)
}

/// Shows its children while the session is being restored, or a sign-in is in progress.
///
/// A page with a stored session and valid tokens does not show them at all, so a reload does not flicker.
#[component]
pub fn Restoring(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(
        |state| matches!(state, AuthState::Restoring | AuthState::SigningIn),
        children,
    )
}

/// Shows its children to the signed-in user. A user who has not signed in yet leaves for the sign-in and comes back to
/// this page. A user whose sign-in failed, or who has just signed out, sees `fallback`, so that the page does not
/// redirect in a loop.
///
/// While the session is being restored it shows `fallback` too; put [`Restoring`] into `fallback` to tell both apart.
/// The redirect happens for [`SignedOutReason::NotSignedIn`] only.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{RequireAuth, SignInButton};
///
/// #[component]
/// fn OrdersPage() -> impl IntoView {
///     view! {
///         <RequireAuth fallback=|| view! { <SignInButton>"Sign in to see your orders"</SignInButton> }>
///             "Your orders"
///         </RequireAuth>
///     }
/// }
/// ```
#[component]
pub fn RequireAuth(
    /// What to show.
    children: ChildrenFn,
    /// What to show while the user is not signed in.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    let auth = use_auth();
    let state = auth.state();
    Effect::new(move |_| {
        if state.with(|state| *state == AuthState::SignedOut(SignedOutReason::NotSignedIn)) {
            auth.sign_in(&page::path_query_fragment());
        }
    });
    let shows = Memo::new(move |_| state.with(|state| matches!(state, AuthState::SignedIn(_))));
    move || {
        if shows.get() {
            return untrack(|| children());
        }
        let fallback = fallback.clone();
        (move || fallback.run()).into_any()
    }
}
