//! The result of a request in a few lines.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::history::Actions;
use super::values::milliseconds;
use crate::browser::local_time;
use crate::components::call_context::call_context;
use crate::components::notice::Notice;
use crate::console::exchange::{Exchange, ExchangeResult, RequestDraft};
use crate::console::size::size_of;
use crate::doctor::probe;
use crate::messages::{
    Message, describe_call_error, describe_refusal, describe_unreadable, reason,
};
use velvet_rope::{Answer, Auth, CallAuth, CallError, Route, RouteAuth, TransportError};

/// Shows status, times, size and request id, and what a refusal or a failure means.
pub(super) fn view_summary(auth: Auth, exchange: &Exchange, actions: Actions) -> AnyView {
    let draft = &exchange.draft;
    let context = call_context(auth);
    let (line, message) = match &exchange.result {
        ExchangeResult::Answered(answer) => {
            let now = velvet_rope::browser::device_now();
            let refusal = describe_refusal(answer, &route_of(draft), &context, now);
            (Some(view_answered(answer)), refusal)
        }
        ExchangeResult::Failed(error) => (None, Some(describe_call_error(error, &context))),
    };
    view! {
        <p class="answer-request">
            <span class="method">{draft.method.as_str()}</span>
            <code>{draft.path.clone()}</code>
            <span class="answer-time">{local_time(exchange.sent_at)}</span>
        </p>
        {line}
        {message.map(|message| view_message(auth, message, draft.clone(), actions))}
        {view_probe(exchange)}
    }
    .into_any()
}

/// What screen readers say when a result is there.
pub(super) fn announcement(result: &ExchangeResult) -> String {
    match result {
        ExchangeResult::Answered(answer) => {
            let elapsed = milliseconds(answer.timing.elapsed());
            format!(
                "Answer: {} {}, {elapsed}",
                answer.status,
                reason(answer.status)
            )
        }
        ExchangeResult::Failed(_) => "The request was not answered".to_owned(),
    }
}

fn view_answered(answer: &Answer) -> AnyView {
    let kind = if answer.status < 400 {
        "status status-good"
    } else {
        "status status-bad"
    };
    let attempts =
        (answer.attempts > 1).then(|| view! { <span>"sent "{answer.attempts}" times"</span> });
    let id = answer
        .request_id
        .clone()
        .map(|id| view! { <span>"Request id "<code>{id}</code></span> });
    view! {
        <p class="answer-line">
            <span class=kind>{answer.status}" "{reason(answer.status)}</span>
            <span>{milliseconds(answer.timing.elapsed())}</span>
            <span>{size_of(answer.bytes().len())}</span>
            {attempts}
            {id}
        </p>
        {view_timing(answer)}
    }
    .into_any()
}

fn view_timing(answer: &Answer) -> AnyView {
    let parts = [
        ("Credentials", answer.timing.credentials),
        ("Preflight and server", answer.timing.server),
        ("Body", answer.timing.body),
    ];
    let bars = parts.map(|(_, time)| {
        view! { <span class="timing-bar" style:flex-grow=time.as_micros().to_string()></span> }
    });
    let values = parts.map(|(name, time)| {
        view! { <div class="timing-value"><dt>{name}</dt><dd>{milliseconds(time)}</dd></div> }
    });
    view! {
        <div class="timing">
            <div class="timing-bars" aria-hidden="true">{bars.collect_view()}</div>
            <dl class="timing-values">{values.collect_view()}</dl>
        </div>
    }
    .into_any()
}

fn view_message(auth: Auth, message: Message, draft: RequestDraft, actions: Actions) -> AnyView {
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    match actions.on_send {
        Some(on_send) => {
            let on_retry = Callback::new(move |()| on_send.run(draft.clone()));
            view! { <Notice message on_sign_in on_retry/> }.into_any()
        }
        None => view! { <Notice message on_sign_in/> }.into_any(),
    }
}

/// For a request without a readable answer: a button that finds out why.
fn view_probe(exchange: &Exchange) -> Option<AnyView> {
    let is_unreadable = matches!(
        exchange.result,
        ExchangeResult::Failed(CallError::Transport(TransportError::Unreachable { .. }))
    );
    let sent = exchange.sent.clone().filter(|_| is_unreadable)?;
    let found = RwSignal::new(String::new());
    let on_press = move |_| {
        let sent = sent.clone();
        found.set("Sending requests with one header each…".to_owned());
        spawn_local(async move {
            let origin = velvet_rope::browser::origin();
            let host = sent.url.split('/').nth(2).unwrap_or_default();
            // The browser adds the host by itself.
            let names = sent
                .headers
                .iter()
                .map(|header| header.name.as_str())
                .filter(|name| *name != "host");
            let probe = probe(sent.method, &sent.url, names, &origin).await;
            let _ = found.try_set(describe_unreadable(&probe, sent.method, host, &origin));
        });
    };
    let view = view! {
        <p><button type="button" class="button" on:click=on_press>"Find out why"</button></p>
        <p class="answer-why" role="status">{move || found.get()}</p>
    };
    Some(view.into_any())
}

/// The request as a route, for the text about its refusal.
fn route_of(draft: &RequestDraft) -> Route {
    Route {
        name: draft.path.clone(),
        method: draft.method,
        path: draft.path.clone(),
        auth: match draft.auth {
            CallAuth::Iam => RouteAuth::Iam,
            CallAuth::Bearer => RouteAuth::Bearer,
            CallAuth::Open | CallAuth::Header { .. } => RouteAuth::Open,
        },
    }
}
