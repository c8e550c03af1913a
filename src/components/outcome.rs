//! The result of the last action on a page.

use leptos::prelude::*;

use super::notice::Notice;
use crate::messages::Message;

/// The result.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// No result yet.
    Nothing,
    /// A text.
    Text(String),
    /// It failed.
    Failed(Message),
}

/// Shows the result, which screen readers announce. The element's id is `outcome`.
pub(crate) fn view_outcome(
    outcome: RwSignal<Outcome>,
    on_sign_in: Callback<()>,
    on_retry: Callback<()>,
) -> AnyView {
    let content = move || match outcome.get() {
        Outcome::Nothing => ().into_any(),
        Outcome::Text(text) => view! { <p>{text}</p> }.into_any(),
        Outcome::Failed(message) => view! { <Notice message on_sign_in on_retry/> }.into_any(),
    };
    view! { <div class="outcome" id="outcome" role="status" tabindex="-1">{content}</div> }
        .into_any()
}
