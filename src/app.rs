//! The frame around the pages, and the page of each address.

use leptos::prelude::*;

use super::components::notice_bar::NoticeBar;
use super::components::router::{provide_address, use_path};
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
use crate::route::{DOCTOR_PATH, Page};
use velvet_rope::{later, use_auth};

/// The app, below `AuthProvider`.
#[component]
pub(super) fn App() -> impl IntoView {
    provide_address();
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <SiteHeader/>
        <NoticeBar/>
        <main id="main" tabindex="-1">
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
    let path = use_path();
    move || match Page::of_path(&path(), &config) {
        Page::Home => view! { <HomePage/> }.into_any(),
        page @ (Page::Console | Page::Doctor) => view_later(move || tool(page)),
        page => view_later(move || other_page(page)),
    }
}

// One function for all pages of a part: what fetches the part is part of the first load, once for each function.
later! { pages:
    async fn other_page(page: Page) -> AnyView {
        match page {
            Page::Callback => view! { <CallbackView/> }.into_any(),
            Page::SignedOut => view! { <SignedOutView/> }.into_any(),
            Page::Session => view! { <SessionPage/> }.into_any(),
            Page::Account => view! { <AccountPage/> }.into_any(),
            Page::Home | Page::Console | Page::Doctor | Page::NotFound => {
                view! { <NotFoundPage/> }.into_any()
            }
        }
    }
}

later! { console:
    async fn tool(page: Page) -> AnyView {
        match page {
            Page::Console => view! { <ConsolePage/> }.into_any(),
            _ => view! { <DoctorPage/> }.into_any(),
        }
    }
}
