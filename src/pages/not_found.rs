//! The page of unknown addresses.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::browser::page;

/// The page.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    page::set_title("Not found · Velvet Rope");
    let path = use_location().pathname;
    view! {
        <h1>"There is no such page"</h1>
        <p>"There is no page at "<code>{path}</code>" on this site."</p>
        <p><a href="/">"Go to the start page"</a></p>
    }
}
