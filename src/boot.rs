//! The root of the page: loads the configuration, then shows the app, or why there is no configuration.

use leptos::prelude::*;

use super::app::App;
use super::pages::setup::SetupPage;
use velvet_rope::{AuthProvider, LoadError};

/// The root of the page.
#[component]
#[must_use]
pub fn Boot() -> impl IntoView {
    let loading = || view! { <p class="boot" role="status">"Loading…"</p> };
    let error = |error: LoadError| view! { <SetupPage error/> };
    view! { <AuthProvider loading error><App/></AuthProvider> }
}
