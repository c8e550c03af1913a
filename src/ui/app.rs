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
use crate::auth::{provide_auth, use_auth};
use crate::browser::page;
use crate::config::Config;

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

/// Where the page about the session is.
const SESSION_PATH: &str = "/session";

/// Where the page about an account of the API's own is.
pub(super) const ACCOUNT_PATH: &str = "/account";

/// The pages that an address can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Home,
    Callback,
    SignedOut,
    Session,
    Account,
    NotFound,
}

impl Page {
    /// Two of the paths are named by the configuration, so they cannot be patterns fixed at build time.
    fn of_path(path: &str, config: &Config) -> Self {
        let provider = &config.provider;
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            Self::Home
        } else if path == provider.sign_in_path {
            Self::Callback
        } else if path == provider.sign_out_path {
            Self::SignedOut
        } else if path == SESSION_PATH {
            Self::Session
        } else if path == ACCOUNT_PATH && config.accounts.is_some() {
            Self::Account
        } else {
            Self::NotFound
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    fn config(accounts: &str) -> Config {
        let example = include_str!("../../public/config.example.json");
        parse(&example.replacen('{', &["{", accounts].concat(), 1)).unwrap()
    }

    #[test]
    fn every_address_shows_a_page() {
        let config = config("");
        for (path, expected) in [
            ("/", Page::Home),
            ("/authenticated", Page::Callback),
            ("/authenticated/", Page::Callback),
            ("/signedout", Page::SignedOut),
            ("/session", Page::Session),
            ("/session/", Page::Session),
            ("/account", Page::NotFound),
            ("/Signedout", Page::NotFound),
            ("/anything/else", Page::NotFound),
        ] {
            assert_eq!(Page::of_path(path, &config), expected, "{path}");
        }
    }

    #[test]
    fn accounts_have_a_page_only_where_there_are_any() {
        let config = config(r#""accounts": {}, "#);
        assert_eq!(Page::of_path("/account/", &config), Page::Account);
    }
}
