//! The bar on top of every page: the name of the site, and who is signed in.

use leptos::prelude::*;

use super::sign_out::SignOut;
use super::user_menu::UserMenu;
use crate::route::ACCOUNT_PATH;
use velvet_rope::auth::use_auth;
use velvet_rope::config::{Provider, ProviderKind};
use velvet_rope::session::state::AuthState;

/// The bar. Nothing is shown on its right until it is known who is signed in, so that it never flashes the
/// wrong control.
#[component]
pub(crate) fn SiteHeader(
    /// Signing out.
    sign_out: SignOut,
) -> impl IntoView {
    let auth = use_auth();
    let who = auth.state();
    let config = auth.config();
    let has_accounts = config.accounts.is_some();
    let provider = config.provider;
    let cognito = matches!(provider.kind, ProviderKind::Cognito { .. });
    let sign_in = move |_| auth.sign_in(&return_to(&provider));
    let waiting =
        |text: &'static str| view! { <span class="header-waiting">{text}</span> }.into_any();
    let view_control = move || match who.get() {
        _ if sign_out.busy.get() => waiting("Signing out…"),
        AuthState::Restoring => ().into_any(),
        AuthState::SigningIn => waiting("Signing in…"),
        AuthState::SignedOut(_) => {
            let sign_in = sign_in.clone();
            view! { <button class="button button-primary" type="button" on:click=sign_in>"Sign in"</button> }.into_any()
        }
        AuthState::SignedIn(user) => view! { <UserMenu user cognito sign_out/> }.into_any(),
    };
    view! {
        <header class="site-header">
            <a href="/" class="brand">
                "Velvet Rope"
            </a>
            <nav class="header-session" aria-label="Account">
                {has_accounts.then(|| view! { <a href=ACCOUNT_PATH>"Account"</a> }.into_any())}
                {view_control}
            </nav>
        </header>
    }
}

/// Where to come back to after signing in: the page at hand, unless it is one that only leads to others.
pub(crate) fn return_to(provider: &Provider) -> String {
    let path = velvet_rope::browser::path();
    let passage = [&provider.sign_in_path, &provider.sign_out_path];
    if passage
        .iter()
        .any(|passage| path.trim_end_matches('/') == *passage)
    {
        "/".to_owned()
    } else {
        velvet_rope::browser::path_query_fragment()
    }
}
