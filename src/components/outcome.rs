//! What became of the last thing that was asked for on a page.

use leptos::prelude::*;

use super::notice::Notice;
use crate::messages::Message;

/// What became of it.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Nothing that has to be said.
    Nothing,
    /// In words.
    Said(String),
    /// It failed.
    Failed(Message),
}

/// Shows it where screen readers hear of it. The element's id is `outcome`.
pub(crate) fn view_outcome(
    outcome: RwSignal<Outcome>,
    on_sign_in: Callback<()>,
    on_retry: Callback<()>,
) -> AnyView {
    let words = move || match outcome.get() {
        Outcome::Nothing => ().into_any(),
        Outcome::Said(text) => view! { <p>{text}</p> }.into_any(),
        Outcome::Failed(message) => view! { <Notice message on_sign_in on_retry/> }.into_any(),
    };
    view! { <div class="outcome" id="outcome" role="status" tabindex="-1">{words}</div> }.into_any()
}
