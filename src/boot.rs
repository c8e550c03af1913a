//! The first moments: load the configuration, then show the app, or say why there is none.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::app::App;
use super::pages::setup::SetupPage;
use velvet_rope::auth::load_config;

/// The root of everything that is shown.
#[component]
#[must_use]
pub fn Boot() -> impl IntoView {
    let loaded = RwSignal::new(None);
    spawn_local(async move { loaded.set(Some(load_config().await)) });
    move || match loaded.get() {
        None => view! { <p class="boot" role="status">"Loading…"</p> }.into_any(),
        Some(Ok(config)) => view! { <App config/> }.into_any(),
        Some(Err(error)) => view! { <SetupPage error/> }.into_any(),
    }
}
