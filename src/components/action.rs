//! Buttons.

use leptos::prelude::*;

/// A button that does something here.
pub(crate) fn button(label: &'static str, on_press: Callback<()>) -> AnyView {
    view! {
        <button class="button" type="button" on:click=move |_| on_press.run(())>{label}</button>
    }
    .into_any()
}
