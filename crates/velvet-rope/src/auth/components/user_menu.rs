//! The menu of the signed-in user. A disclosure: a button that shows and hides the panel after it.
//!
//! It follows the disclosure pattern of the ARIA Authoring Practices Guide: the button has `aria-expanded` and
//! `aria-controls`, and Escape returns the focus to it.

use leptos::ev;
use leptos::prelude::*;

use super::{ViewOf, use_sign_out};
use crate::auth::use_auth;
use crate::browser::element;
use crate::session::sign_out::SignOutScope;
use crate::session::state::{AuthState, User};

/// A button with the user's name that opens a panel: who is signed in, the app's own entries, and the ways to sign out.
/// Shows nothing unless the user is signed in. Escape, a click elsewhere and a click on a link close the panel.
///
/// The classes are `user-menu`, `user-menu-button`, `user-menu-name`, `user-menu-panel`,
/// `user-menu-identity` and `sign-out-button`.
///
/// A sign-out that the user chooses here continues as [`use_sign_out`] describes.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{SignOutScope, UserMenu};
///
/// #[component]
/// fn Header() -> impl IntoView {
///     let sign_out = vec![
///         (SignOutScope::ThisApp, "Sign out".to_owned()),
///         (SignOutScope::Everywhere, "Sign out on all devices".to_owned()),
///     ];
///     view! { <UserMenu sign_out><a href="/settings">"Settings"</a></UserMenu> }
/// }
/// ```
#[component]
pub fn UserMenu(
    /// The ways to sign out, each with the label of its button.
    #[prop(default = default_sign_out())]
    sign_out: Vec<(SignOutScope, String)>,
    /// The first part of the panel; by default the user's name and e-mail address.
    #[prop(default = ViewOf::from(default_identity), into)]
    identity: ViewOf<User>,
    /// The id of the panel, for pages with several menus.
    #[prop(default = "user-menu")]
    id: &'static str,
    /// More entries of the panel, such as links.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let state = use_auth().state();
    let on_sign_out = use_sign_out();
    let open = RwSignal::new(false);
    let listener = window_event_listener(ev::pointerdown, move |event: ev::PointerEvent| {
        if element::around(id).is_some_and(|menu| !element::contains(&menu, &event)) {
            open.set(false);
        }
    });
    on_cleanup(move || listener.remove());
    move || {
        let AuthState::SignedIn(user) = state.get() else {
            open.set(false);
            return ().into_any();
        };
        let choices = sign_out.iter().map(|(scope, label)| {
            let scope = *scope;
            let label = label.clone();
            let on_click = move |_| on_sign_out.run(scope);
            view! { <button class="sign-out-button" type="button" on:click=on_click>{label}</button> }
                .into_any()
        });
        let entries = children.as_ref().map(|children| children());
        let panel = view! {
            <div
                class="user-menu-panel" id=id hidden=move || !open.get()
                on:click=move |event| if element::is_link(&event) { open.set(false) }
            >
                {identity.run(user.clone())}
                {entries}
                {choices.collect::<Vec<_>>()}
            </div>
        };
        view_menu(user.name, id, open, panel.into_any())
    }
}

/// The button and, after it, the panel. Escape closes the panel from anywhere inside the menu.
fn view_menu(name: String, id: &'static str, open: RwSignal<bool>, panel: AnyView) -> AnyView {
    let close_on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            if let Some(menu) = element::around(id) {
                element::focus_button(&menu);
            }
        }
    };
    view! {
        <div class="user-menu" on:keydown=close_on_escape>
            <button
                class="user-menu-button" type="button"
                aria-expanded=move || open.get().to_string() aria-controls=id
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="user-menu-name">{name}</span>
            </button>
            {panel}
        </div>
    }
    .into_any()
}

/// The e-mail address only where the scopes of the sign-in include it.
fn default_identity(user: User) -> AnyView {
    view! {
        <p class="user-menu-identity">
            "Signed in as "<strong>{user.name}</strong>
            {user.email.map(|email| view! { <span>{email}</span> })}
        </p>
    }
    .into_any()
}

/// Signing out everywhere needs a scope that not every app client allows, so it is not offered by default.
fn default_sign_out() -> Vec<(SignOutScope, String)> {
    vec![(SignOutScope::ThisApp, "Sign out".to_owned())]
}
