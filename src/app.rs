//! The frame around the pages, and which page an address shows.

use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use leptos_router::location::{BrowserUrl, Location, LocationProvider as _};

use super::components::notice_bar::NoticeBar;
use super::components::sign_out::{SignOut, use_sign_out};
use super::components::site_header::SiteHeader;
use super::pages::account::AccountPage;
use super::pages::callback::CallbackPage;
use super::pages::home::HomePage;
use super::pages::not_found::NotFoundPage;
use super::pages::session::SessionPage;
use super::pages::signed_out::SignedOutPage;
use crate::browser::page;
use crate::route::Page;
use velvet_rope::auth::{provide_auth, use_auth};
use velvet_rope::config::Config;

/// The console for one configuration.
#[component]
pub(super) fn App(config: Config) -> impl IntoView {
    provide_auth(config);
    view! {
        <Router>
            <Frame/>
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    let sign_out = use_sign_out();
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <SiteHeader sign_out/>
        <NoticeBar sign_out/>
        <main id="main" tabindex="-1">
            <FinishNavigation/>
            <CurrentPage sign_out/>
        </main>
        <footer class="site-footer">
            <p>"Velvet Rope: Cognito sign-in and signed API calls, in Rust."</p>
        </footer>
    }
}

#[component]
fn CurrentPage(sign_out: SignOut) -> impl IntoView {
    let config = use_auth().config();
    let path = use_location().pathname;
    move || match path.with(|path| Page::of_path(path, &config)) {
        Page::Home => view! { <HomePage/> }.into_any(),
        Page::Callback => view! { <CallbackPage/> }.into_any(),
        Page::SignedOut => view! { <SignedOutPage sign_out/> }.into_any(),
        Page::Session => view! { <SessionPage sign_out/> }.into_any(),
        Page::Account => view! { <AccountPage/> }.into_any(),
        Page::NotFound => view! { <NotFoundPage/> }.into_any(),
    }
}

/// What has to be done once the page of a new address is shown.
///
/// The router writes the address into the address bar only when it is told that the page is there, which its
/// route patterns would do. And following a link replaces what had the focus: it moves to the new page, so that
/// the keyboard does not start at the top again and a screen reader reads on from there.
#[component]
fn FinishNavigation() -> impl IntoView {
    let Location {
        pathname,
        search,
        hash,
        ..
    } = use_location();
    let browser_url = use_context::<BrowserUrl>();
    Effect::new(move |before: Option<String>| {
        search.track();
        hash.track();
        let path = pathname.get();
        if let Some(browser_url) = &browser_url {
            browser_url.ready_to_complete();
        }
        if before.is_some_and(|before| before != path) {
            page::focus("main");
        }
        path
    });
}
