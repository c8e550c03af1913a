//! The bar on top of every page: the name of the site, and the signed-in user.

use leptos::prelude::*;

use super::keep_focus::keep_focus;
use super::view_later::view_later;
use crate::browser::page;
use crate::messages::sign_out_choices;
use crate::route::{ACCOUNT_PATH, CONSOLE_PATH, SESSION_PATH};
use velvet_rope::{AuthState, ProviderKind, SignInButton, UserMenu, later, use_auth};

/// The bar. Its right side is empty until the auth state is known, so that it never shows the wrong control.
#[component]
pub(crate) fn SiteHeader() -> impl IntoView {
    let auth = use_auth();
    let config = auth.config();
    let has_accounts = config.accounts.is_some();
    let cognito = matches!(config.provider.kind, ProviderKind::Cognito { .. });
    let waiting =
        |text: &'static str| view! { <span class="header-waiting">{text}</span> }.into_any();
    let view_control = move || {
        let state = auth.state().get();
        // The frame of `index.html` hides the app until it is known what to show, so that nothing moves then.
        if state != AuthState::Restoring {
            page::remove("boot");
        }
        match state {
            _ if auth.signing_out().get() => waiting("Signing out…"),
            AuthState::Restoring => ().into_any(),
            AuthState::SigningIn => waiting("Signing in…"),
            AuthState::SignedOut(_) => {
                view! { <SignInButton class="button button-primary">"Sign in"</SignInButton> }
                    .into_any()
            }
            AuthState::SignedIn(_) => view_later(move || menu(cognito)),
        }
    };
    view! {
        <header class="site-header">
            <a href="/" class="brand">
                "Velvet Rope"
            </a>
            <nav class="header-session" aria-label="Account">
                <a href=CONSOLE_PATH>"Console"</a>
                {has_accounts.then(|| view! { <a href=ACCOUNT_PATH>"Account"</a> }.into_any())}
                {view_control}
            </nav>
        </header>
    }
}

later! { pages:
    async fn menu(cognito: bool) -> AnyView {
        keep_focus(view_menu(cognito))
    }
}

fn view_menu(cognito: bool) -> AnyView {
    let sign_out = sign_out_choices(cognito)
        .map(|(scope, label, _)| (scope, label.to_owned()))
        .collect::<Vec<_>>();
    view! { <UserMenu sign_out><a class="menu-link" href=SESSION_PATH>"Session"</a></UserMenu> }
        .into_any()
}
