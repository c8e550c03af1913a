//! The answers of this tab.
//!
//! ```text
//! summary    status, times, size, request id; what a refusal means
//! body       tree, text, image or bytes                 json hex content
//! request    the request as it was sent, and what its signature covers
//! code       the request as curl, fetch, Python, Rust   snippet
//! history    the requests of this tab; two of them side by side   compare
//! tabs values    shared
//! ```

mod body;
mod code;
mod compare;
mod compare_view;
mod content;
mod headers;
mod hex;
mod history;
mod json;
mod request;
mod snippet;
mod summary;
mod tabs;
mod values;

use leptos::prelude::*;

use self::body::view_body;
use self::code::view_code;
use self::compare_view::view_comparison;
use self::headers::view_headers;
use self::history::{Actions, view_history};
use self::request::view_request;
use self::snippet::Language;
use self::summary::view_summary;
use self::tabs::{Tab, view_tabs};
use super::exchange::{Exchange, ExchangeResult, RequestDraft};
use velvet_rope::{Auth, use_auth};

/// The pane with the answer that is shown, and those before it.
#[component]
pub(super) fn AnswerPane(
    /// The requests of this tab, oldest first.
    exchanges: RwSignal<Vec<Exchange>>,
    /// Which of them is shown.
    shown: RwSignal<Option<u32>>,
    /// Puts a request of before into the form.
    on_replay: Callback<RequestDraft>,
    /// Sends a request of before again; without it there is no such button.
    #[prop(optional)]
    on_send: Option<Callback<RequestDraft>>,
) -> impl IntoView {
    let auth = use_auth();
    let actions = Actions {
        shown,
        compared: RwSignal::new(None),
        on_edit: on_replay,
        on_send,
    };
    // Which tab and which language the user chose stays chosen with the next answer.
    let (tab, language) = (RwSignal::new(0), RwSignal::new(Language::Curl));
    let found = move |id: Option<u32>| {
        exchanges.with(|all| all.iter().find(|exchange| Some(exchange.id) == id).cloned())
    };
    let content = move || match (found(shown.get()), found(actions.compared.get())) {
        (None, _) => view! {
            <p class="answer-empty">"Send a request, and its answer is shown here."</p>
        }
        .into_any(),
        (Some(right), Some(left)) => view_comparison(&left, &right, actions.compared),
        (Some(exchange), None) => view_exchange(auth, exchange, actions, tab, language),
    };
    let said = move || found(shown.get()).map(|exchange| summary::announcement(&exchange.result));
    view! {
        <section class="answer-pane" aria-labelledby="answer-heading">
            <h2 id="answer-heading">"Answer"</h2>
            // The whole answer would be read aloud otherwise.
            <p class="visually-hidden" role="status">{said}</p>
            <div class="answer-content">{content}</div>
            {view_history(exchanges, actions)}
        </section>
    }
}

fn view_exchange(
    auth: Auth,
    exchange: Exchange,
    actions: Actions,
    tab: RwSignal<usize>,
    language: RwSignal<Language>,
) -> AnyView {
    let summary = view_summary(auth, &exchange, actions);
    let draft = exchange.draft.clone();
    let mut tabs = Vec::new();
    if let ExchangeResult::Answered(answer) = exchange.result {
        let (of_body, path) = (answer.clone(), draft.path.clone());
        tabs.push(Tab::new("Body", move || view_body(&of_body, &path)));
        tabs.push(Tab::new("Headers", move || view_headers(&answer)));
    }
    if let Some(sent) = exchange.sent {
        tabs.push(Tab::new("Request", move || view_request(sent.clone())));
    }
    tabs.push(Tab::new("Code", move || {
        view_code(auth, draft.clone(), language)
    }));
    view! {
        {summary}
        {view_tabs("answer", "Parts of the answer", tab, tabs)}
    }
    .into_any()
}
