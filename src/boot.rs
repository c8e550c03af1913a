//! The root of the page: loads the configuration, then shows the app, or why there is no configuration.

use leptos::prelude::*;

use super::app::App;
use super::components::view_later::view_later;
use super::pages::setup::SetupPage;
use crate::browser::page;
use velvet_rope::{AuthProvider, LoadError, later};

/// The root of the page.
#[component]
#[must_use]
pub fn Boot() -> impl IntoView {
    // Meanwhile the page shows the frame of `index.html`.
    let loading = || ();
    let error = |error: LoadError| {
        page::remove("boot");
        view_later(move || setup_page(error.clone()))
    };
    view! { <AuthProvider loading error><App/></AuthProvider> }
}

later! { pages:
    async fn setup_page(error: LoadError) -> AnyView {
        view! { <SetupPage error/> }.into_any()
    }
}
