//! The session page: the session without its secrets, and the actions.

mod actions;
mod info;

use leptos::prelude::*;

use self::actions::Actions;
use self::info::{Claims, Events, FieldList, Live};
use crate::browser::page;
use crate::components::action::button;
use crate::components::keep_focus::keep_focus;
use crate::messages::{LIFETIME_FIELDS, STORAGE_FIELDS, USER_FIELDS};
use velvet_rope::{Restoring, SignedIn, SignedOut, use_auth};

/// The page.
#[component]
pub(crate) fn SessionPage() -> impl IntoView {
    page::set_title("Session · Velvet Rope");
    page::adopt_style_sheet(include_str!("../../../style/session.css"));
    let auth = use_auth();
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    view! {
        <h1>"Your session"</h1>
        <Restoring><p>"Restoring your session…"</p></Restoring>
        <SignedOut>
            <p>"You are not signed in, so there is no session to show."</p>
            <p>{button("Sign in", on_sign_in)}</p>
        </SignedOut>
        <SignedIn><Session/></SignedIn>
        {part("Events", "events", view! { <Events/> }.into_any())}
    }
}

/// The parts that need a session.
#[component]
fn Session() -> impl IntoView {
    let live = Live::new(use_auth());
    let parts = view! {
        {part("User", "user", view! { <FieldList fields=USER_FIELDS live/> }.into_any())}
        {part("Lifetimes", "lifetimes", view! { <FieldList fields=LIFETIME_FIELDS live/> }.into_any())}
        {part("Storage and renewal", "storage", view! { <FieldList fields=STORAGE_FIELDS live/> }.into_any())}
        <Actions live/>
        {part("Claims of the ID token", "claims", view! { <Claims live/> }.into_any())}
    };
    keep_focus(parts.into_any())
}

/// A part of the page with a title. `id` is the id of the element, for links to it.
fn part(title: &'static str, id: &'static str, content: AnyView) -> AnyView {
    let heading = id.to_owned() + "-heading";
    let labelled_by = heading.clone();
    view! {
        <section class="part" id=id aria-labelledby=labelled_by>
            <h2 id=heading>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}
