//! The request as it was sent, and what its signature covers.

use leptos::prelude::*;

use super::compare::compare;
use crate::components::copy::copy_button;
use crate::console::inspect::{Difference, Sent, SignedTexts};
use crate::messages::describe_difference;

/// Shows a request as it was sent.
pub(super) fn view_request(sent: Sent) -> AnyView {
    let rows = sent.headers.into_iter().map(|header| {
        view! {
            <tr>
                <th scope="row"><code>{header.name}</code></th>
                <td><code>{header.value}</code></td>
                <td>{header.added_by}{header.is_signed.then_some(", signed")}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <p class="answer-request"><span class="method">{sent.method.as_str()}</span><code>{sent.url}</code></p>
        {sent.difference.map(|difference| view_difference(&difference))}
        <table class="header-table">
            <thead><tr><th scope="col">"Header"</th><th scope="col">"Value"</th><th scope="col">"Added by"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {view_texts(sent.signed)}
    }
    .into_any()
}

fn view_texts(signed: Option<SignedTexts>) -> AnyView {
    let Some(texts) = signed else {
        return view! { <p class="answer-hint">"This request has no signature."</p> }.into_any();
    };
    view! {
        <dl class="signed-values">
            <div><dt>"Scope"</dt><dd><code>{texts.scope}</code></dd></div>
            <div><dt>"Signed headers"</dt><dd><code>{texts.signed_headers}</code></dd></div>
        </dl>
        {view_text("Canonical request", texts.canonical_request)}
        {view_text("String to sign", texts.string_to_sign)}
        <p class="answer-hint">
            "The session token and the API key are part of the canonical request; here they are hidden."
        </p>
    }
    .into_any()
}

fn view_text(title: &'static str, text: String) -> AnyView {
    let copied = text.clone();
    view! {
        <div class="answer-tools">
            <h3 class="answer-subtitle">{title}</h3>
            <span class="answer-tools-end">{copy_button("tool", "Copy", move || copied.clone())}</span>
        </div>
        <pre class="answer-raw" tabindex="0" aria-label=title>{text}</pre>
    }
    .into_any()
}

/// The canonical request of the app and that of the gateway, side by side.
fn view_difference(difference: &Difference) -> AnyView {
    let rows = compare(&difference.ours, &difference.theirs)
        .into_iter()
        .map(|line| {
            let is_equal = line.is_equal();
            let class = if is_equal { "" } else { "compare-different" };
            let (left, right) = (
                line.left.unwrap_or_default(),
                line.right.unwrap_or_default(),
            );
            let same = left
                .chars()
                .zip(right.chars())
                .take_while(|(one, other)| one == other)
                .count();
            let marked = |text: String| {
                if is_equal {
                    return text.into_any();
                }
                let start: String = text.chars().take(same).collect();
                let rest: String = text.chars().skip(same).collect();
                view! { {start}<mark>{rest}</mark> }.into_any()
            };
            view! {
                <tr class=class>
                    <td>{marked(left)}</td>
                    <td class="compare-mark">{(!is_equal).then_some("≠")}</td>
                    <td>{marked(right)}</td>
                </tr>
            }
        });
    let rows = rows.collect_view();
    view! {
        <div class="notice">
            <p class="notice-title">"The gateway signed another request, from byte "{difference.at}" on, in line "{difference.line}</p>
            <p>{describe_difference(difference.part)}</p>
        </div>
        <div class="compare" tabindex="0" role="region" aria-label="Canonical requests">
            <table>
                <thead><tr><th scope="col">"Of this app"</th><th aria-hidden="true"></th><th scope="col">"Of the gateway"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
