//! The menu named after whoever is signed in. A disclosure: a button that shows and hides what follows it.

use leptos::ev;
use leptos::prelude::*;

use super::action::button;
use super::keep_focus::keep_focus;
use super::sign_out::SignOut;
use crate::browser::page;
use crate::messages::sign_out_choices;
use velvet_rope::session::state::User;

const BUTTON_ID: &str = "user-menu-button";

/// The menu.
#[component]
pub(crate) fn UserMenu(
    /// Who is signed in.
    user: User,
    /// Whether a Cognito user pool signs people in.
    cognito: bool,
    /// Signing out.
    sign_out: SignOut,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let close_on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            page::focus(BUTTON_ID);
        }
    };
    let inside = NodeRef::<leptos::html::Div>::new();
    let close_outside = move |event: ev::PointerEvent| {
        let inside = inside.get_untracked();
        if inside.is_some_and(|inside| !page::holds(&inside, event.target())) {
            open.set(false);
        }
    };
    let listener = window_event_listener(ev::pointerdown, close_outside);
    on_cleanup(move || listener.remove());
    let choices = sign_out_choices(cognito)
        .map(|(scope, label, _)| button(label, Callback::new(move |()| sign_out.run.run(scope))));
    let menu = view! {
        <div class="menu" node_ref=inside on:keydown=close_on_escape>
            <button
                class="button menu-button" type="button" id=BUTTON_ID
                aria-expanded=move || open.get().to_string() aria-controls="user-menu"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="menu-name">{user.name.clone()}</span>
            </button>
            <div class="menu-panel" id="user-menu" hidden=move || !open.get()>
                <p class="menu-who">
                    "Signed in as "<strong>{user.name}</strong>
                    {user.email.map(|email| view! { <span>{email}</span> })}
                </p>
                <a class="menu-link" href="/session" on:click=move |_| open.set(false)>"Session"</a>
                {choices.collect_view()}
            </div>
        </div>
    };
    keep_focus(menu.into_any())
}
