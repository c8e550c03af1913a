//! Who sees what: a component for each of the three things that can be known.

use leptos::prelude::*;

use super::use_auth;
use crate::browser::page;
use crate::session::state::AuthState;

fn shown(is: fn(&AuthState) -> bool, children: ChildrenFn) -> impl IntoView {
    let who = use_auth().state();
    // A person whose name changes is still the same answer: what is shown is made once.
    let shows = Memo::new(move |_| who.with(is));
    // What is read while the children are made is their own affair: nothing makes them a second time.
    move || shows.get().then(|| untrack(|| children()))
}

/// Shows what it holds to people who are signed in.
#[component]
pub fn SignedIn(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(|who| matches!(who, AuthState::SignedIn(_)), children)
}

/// Shows what it holds when nobody is signed in.
#[component]
pub fn SignedOut(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(|who| matches!(who, AuthState::SignedOut(_)), children)
}

/// Shows what it holds while it is not known yet who is signed in, or while somebody is about to be.
#[component]
pub fn Restoring(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    shown(
        |who| matches!(who, AuthState::Restoring | AuthState::SigningIn),
        children,
    )
}

/// Shows what it holds to people who are signed in, and leads everybody else to the sign-in and back to this
/// page. Somebody whose sign-in failed, or who has just signed out, sees `fallback` instead: they are not sent
/// round in circles.
#[component]
pub fn RequireAuth(
    /// What to show.
    children: ChildrenFn,
    /// What to show to those who are not sent to the sign-in.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    let auth = use_auth();
    let who = auth.state();
    Effect::new(move |_| {
        use crate::session::state::SignedOutReason::NotSignedIn;
        if matches!(who.get(), AuthState::SignedOut(NotSignedIn)) {
            auth.sign_in(&page::path_query_fragment());
        }
    });
    let shows = Memo::new(move |_| who.with(|who| matches!(who, AuthState::SignedIn(_))));
    move || {
        if shows.get() {
            return untrack(|| children());
        }
        let fallback = fallback.clone();
        (move || fallback.run()).into_any()
    }
}
