//! Buttons that put a text into the clipboard.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::share;

/// How long a button says that it copied.
const SAID: Duration = Duration::from_secs(2);

/// A button that copies what `text` returns, and says whether it did. `class` is that of the button.
pub(crate) fn copy_button(
    class: &'static str,
    label: &'static str,
    text: impl Fn() -> String + 'static,
) -> AnyView {
    let shown = RwSignal::new(label);
    let on_press = move |_| {
        let text = text();
        spawn_local(async move {
            let is_copied = share::copy(&text).await;
            let _ = shown.try_set(if is_copied { "Copied" } else { "Not allowed" });
            set_timeout(
                move || {
                    let _ = shown.try_set(label);
                },
                SAID,
            );
        });
    };
    view! { <button type="button" class=class aria-live="polite" on:click=on_press>{move || shown.get()}</button> }
        .into_any()
}
