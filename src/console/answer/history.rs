//! The requests of this tab.

use leptos::prelude::*;

use super::values::milliseconds;
use crate::browser::local_time;
use crate::console::exchange::{Exchange, ExchangeResult, RequestDraft};

/// What the user can do with a request of before.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub(super) shown: RwSignal<Option<u32>>,
    /// The exchange that is compared with the one that is shown.
    pub(super) compared: RwSignal<Option<u32>>,
    pub(super) on_edit: Callback<RequestDraft>,
    pub(super) on_send: Option<Callback<RequestDraft>>,
}

/// Lists the requests of this tab, the newest first.
pub(super) fn view_history(exchanges: RwSignal<Vec<Exchange>>, actions: Actions) -> AnyView {
    let rows = move || {
        exchanges.with(|all| {
            let rows = all.iter().rev().map(|exchange| view_row(exchange, actions));
            rows.collect_view()
        })
    };
    let count = move || exchanges.with(Vec::len);
    let view = move || {
        (count() > 0).then(|| {
            view! {
                <details class="history">
                    <summary>"History of this tab ("{count}")"</summary>
                    <ol class="history-list">{rows}</ol>
                </details>
            }
        })
    };
    view.into_any()
}

fn view_row(exchange: &Exchange, actions: Actions) -> AnyView {
    let Actions {
        shown,
        compared,
        on_edit,
        on_send,
    } = actions;
    let id = exchange.id;
    let (status, is_good, time) = match &exchange.result {
        ExchangeResult::Answered(answer) => (
            answer.status.to_string(),
            answer.refusal.is_none(),
            milliseconds(answer.timing.elapsed()),
        ),
        ExchangeResult::Failed(_) => ("failed".to_owned(), false, String::new()),
    };
    let status_class = if is_good {
        "status status-good"
    } else {
        "status status-bad"
    };
    let is_shown = move || shown.get() == Some(id);
    let (edited, sent) = (exchange.draft.clone(), exchange.draft.clone());
    let is_comparable = matches!(exchange.result, ExchangeResult::Answered(_));
    let compare = move || {
        (is_comparable && !is_shown() && shown.get().is_some()).then(|| {
            view! { <button type="button" class="tool" on:click=move |_| compared.set(Some(id))>"Compare"</button> }
        })
    };
    view! {
        <li class="history-row">
            <button
                type="button" class="history-open" aria-current=move || is_shown().then_some("true")
                on:click=move |_| { compared.set(None); shown.set(Some(id)); }
            >
                <span class="method">{exchange.draft.method.as_str()}</span>
                <code class="history-path">{exchange.draft.path.clone()}</code>
                <span class=status_class>{status}</span>
                <span class="history-time">{time}" "{local_time(exchange.sent_at)}</span>
            </button>
            <span class="history-actions">
                <button type="button" class="tool" on:click=move |_| on_edit.run(edited.clone())>"Edit"</button>
                {on_send.map(|on_send| view! {
                    <button type="button" class="tool" on:click=move |_| on_send.run(sent.clone())>"Send again"</button>
                })}
                {compare}
            </span>
        </li>
    }
    .into_any()
}
