//! The frame around the pages, and the page of each address.

use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use leptos_router::location::{BrowserUrl, Location, LocationProvider as _};

use super::components::notice_bar::NoticeBar;
use super::components::site_header::SiteHeader;
use super::components::view_later::view_later;
use super::console::ConsolePage;
use super::doctor::DoctorPage;
use super::pages::account::AccountPage;
use super::pages::callback::CallbackView;
use super::pages::home::HomePage;
use super::pages::not_found::NotFoundPage;
use super::pages::session::SessionPage;
use super::pages::signed_out::SignedOutView;
use crate::browser::page;
use crate::route::{DOCTOR_PATH, Page};
use velvet_rope::{later, use_auth};

/// The app, below `AuthProvider`.
#[component]
pub(super) fn App() -> impl IntoView {
    view! {
        <Router>
            <Frame/>
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <SiteHeader/>
        <NoticeBar/>
        <main id="main" tabindex="-1">
            <FinishNavigation/>
            <CurrentPage/>
        </main>
        <footer class="site-footer">
            <p>"Velvet Rope: Cognito sign-in and signed API calls, in Rust. "<a href=DOCTOR_PATH>"Check the setup"</a></p>
        </footer>
    }
}

#[component]
fn CurrentPage() -> impl IntoView {
    let config = use_auth().config();
    let path = use_location().pathname;
    move || match path.with(|path| Page::of_path(path, &config)) {
        Page::Home => view! { <HomePage/> }.into_any(),
        Page::Callback => view_later(callback_page),
        Page::SignedOut => view_later(signed_out_page),
        Page::Session => view_later(session_page),
        Page::Account => view_later(account_page),
        Page::Console => view_later(console_page),
        Page::Doctor => view_later(doctor_page),
        Page::NotFound => view_later(not_found_page),
    }
}

later! { pages:
    async fn callback_page() -> AnyView {
        view! { <CallbackView/> }.into_any()
    }

    async fn signed_out_page() -> AnyView {
        view! { <SignedOutView/> }.into_any()
    }

    async fn session_page() -> AnyView {
        view! { <SessionPage/> }.into_any()
    }

    async fn account_page() -> AnyView {
        view! { <AccountPage/> }.into_any()
    }

    async fn not_found_page() -> AnyView {
        view! { <NotFoundPage/> }.into_any()
    }
}

later! { console:
    async fn console_page() -> AnyView {
        view! { <ConsolePage/> }.into_any()
    }

    async fn doctor_page() -> AnyView {
        view! { <DoctorPage/> }.into_any()
    }
}

/// Completes a navigation once the new page is shown.
///
/// The router updates the address bar only after `ready_to_complete`, which its route patterns would call. And a
/// followed link loses the focus: it moves to the new page, so that the keyboard and screen readers continue there.
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
