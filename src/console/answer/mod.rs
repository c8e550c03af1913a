//! The answers of this tab.

mod json;
mod snippet;

use leptos::prelude::*;

use super::exchange::{Exchange, ExchangeResult, RequestDraft};

/// The pane with the answer that is shown, and those before it.
#[component]
pub(super) fn AnswerPane(
    /// The requests of this tab, oldest first.
    exchanges: RwSignal<Vec<Exchange>>,
    /// Which of them is shown.
    shown: RwSignal<Option<u32>>,
    /// Puts a request of before into the form.
    on_replay: Callback<RequestDraft>,
) -> impl IntoView {
    let status = move || {
        let id = shown.get()?;
        exchanges.with(|all| {
            let exchange = all.iter().find(|exchange| exchange.id == id)?;
            let draft = exchange.draft.clone();
            let status = match &exchange.result {
                ExchangeResult::Answered(answer) => answer.status.to_string(),
                ExchangeResult::Failed(error) => error.to_string(),
            };
            Some(view! {
                <p>{status}" "{exchange.sent_at.0}</p>
                <button class="button" type="button" on:click=move |_| on_replay.run(draft.clone())>"Edit again"</button>
            })
        })
    };
    view! { <section class="console-answer" aria-label="Answer">{status}</section> }
}
