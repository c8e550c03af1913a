//! A route, a button that calls it, and the answer.

use super::json::pretty;
use super::notice::Notice;
use super::view_later::view_later;
use crate::browser::page;
use crate::messages::{Message, reason};
use leptos::prelude::*;
use velvet_rope::{Answer, Route, RouteAuth, later};

/// The last call of a route.
#[derive(Clone, Debug)]
pub(crate) enum CallState {
    /// Not called yet.
    Idle,
    /// In progress.
    Calling,
    /// Answered; with a message when the answer is a refusal.
    Answered(Answer, Option<Message>),
    /// Not answered, or not sent.
    Failed(Message),
}

/// A card for one route.
#[component]
pub(crate) fn RouteCard(
    /// The route.
    route: Route,
    /// The element's id, for links to it.
    id: String,
    /// The last call.
    state: RwSignal<CallState>,
    /// Calls the route.
    on_call: Callback<()>,
    /// Signs in.
    on_sign_in: Callback<()>,
) -> impl IntoView {
    let calling = move || state.with(|state| matches!(state, CallState::Calling));
    // A disabled button would drop the keyboard focus, so it is only marked as such.
    let call = move |_| {
        if !untrack(calling) {
            on_call.run(());
        }
    };
    let Route {
        name,
        method,
        path,
        auth,
    } = route;
    let label = ["Call ", &name].concat();
    let button = [&id, "-call"].concat();
    let button_id = button.clone();
    let on_retry = Callback::new(move |()| {
        // The button of the notice disappears.
        page::focus(&button);
        on_call.run(());
    });
    let heading = [&id, "-name"].concat();
    let labelled_by = heading.clone();
    view! {
        <article class="card" id=id aria-labelledby=labelled_by>
            <div class="card-head">
                <h3 id=heading>{name}</h3>
                <span class=["protection protection-", protection_class(auth)].concat()>
                    {protection(auth)}
                </span>
            </div>
            <p class="card-route"><span class="method">{method.as_str()}</span>" "<code>{path}</code></p>
            <button
                class="button button-primary" type="button" id=button_id on:click=call
                aria-label=label
                aria-disabled=move || calling().then_some("true")
            >
                {move || if calling() { "Calling…" } else { "Call" }}
            </button>
            <div class="answer" role="status">
                {move || view_state(state, on_retry, on_sign_in)}
            </div>
        </article>
    }
}

/// What is not in the first load gets the signal: a copy of its value would be code of the first load.
fn view_state(
    state: RwSignal<CallState>,
    on_retry: Callback<()>,
    on_sign_in: Callback<()>,
) -> AnyView {
    let without_answer = state.with(|state| match state {
        CallState::Idle => Some(().into_any()),
        CallState::Calling => {
            Some(view! { <p class="answer-waiting">"Waiting for the answer…"</p> }.into_any())
        }
        CallState::Answered(..) | CallState::Failed(_) => None,
    });
    without_answer.unwrap_or_else(|| view_later(move || result(state, on_retry, on_sign_in)))
}

later! { pages:
    async fn result(
        state: RwSignal<CallState>,
        on_retry: Callback<()>,
        on_sign_in: Callback<()>,
    ) -> AnyView {
        view_result(state.get_untracked(), on_retry, on_sign_in)
    }
}

fn view_result(state: CallState, on_retry: Callback<()>, on_sign_in: Callback<()>) -> AnyView {
    match state {
        CallState::Idle | CallState::Calling => ().into_any(),
        CallState::Answered(answer, message) => view! {
            <AnswerLine answer=answer.clone()/>
            {message.map(|message| view! { <Notice message on_sign_in on_retry/> })}
            {(!answer.body.is_empty()).then(|| view! {
                <pre class="answer-body" tabindex="0" aria-label="Answer">{pretty(&answer.text())}</pre>
            })}
        }
        .into_any(),
        CallState::Failed(message) => view! { <Notice message on_sign_in on_retry/> }.into_any(),
    }
}

#[component]
fn AnswerLine(answer: Answer) -> impl IntoView {
    let kind = if answer.refusal.is_some() {
        "status status-bad"
    } else {
        "status status-good"
    };
    let elapsed = format!(
        "{} ms",
        u64::try_from(answer.timing.elapsed().as_millis()).unwrap_or(u64::MAX)
    );
    view! {
        <p class="answer-line">
            <span class=kind>{answer.status}" "{reason(answer.status)}</span>
            <span class="answer-time">{elapsed}</span>
            {answer.request_id.map(|id| view! { <span class="answer-id">"Request "<code>{id}</code></span> })}
        </p>
    }
}

fn protection(auth: RouteAuth) -> &'static str {
    match auth {
        RouteAuth::Open => "API key only",
        RouteAuth::Iam => "Signed (IAM) + API key",
        RouteAuth::Bearer => "Bearer token + API key",
    }
}

fn protection_class(auth: RouteAuth) -> &'static str {
    match auth {
        RouteAuth::Open => "open",
        RouteAuth::Iam | RouteAuth::Bearer => "guarded",
    }
}
