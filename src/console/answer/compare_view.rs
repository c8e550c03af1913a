//! The comparison on the page.

use leptos::prelude::*;

use super::compare::{comparable, compare};
use super::values::milliseconds;
use crate::browser::local_time;
use crate::console::exchange::{Exchange, ExchangeResult};
use crate::console::size::size_of;
use crate::messages::reason;

/// Shows two answers side by side. `compared` is emptied by the button that ends the comparison.
pub(super) fn view_comparison(
    left: &Exchange,
    right: &Exchange,
    compared: RwSignal<Option<u32>>,
) -> AnyView {
    let (left_text, left_complete) = text_of(left);
    let (right_text, right_complete) = text_of(right);
    let lines = compare(&left_text, &right_text);
    let differences = lines.iter().filter(|line| !line.is_equal()).count();
    let result = match differences {
        0 => "Headers and body are equal.".to_owned(),
        1 => "1 line differs.".to_owned(),
        many => format!("{many} lines differ."),
    };
    let rows = lines.into_iter().map(|line| {
        let class = if line.is_equal() {
            ""
        } else {
            "compare-different"
        };
        // Not by colour alone.
        let mark = if line.is_equal() { "" } else { "≠" };
        view! {
            <tr class=class>
                <td>{line.left.unwrap_or_default()}</td>
                <td class="compare-mark">{mark}</td>
                <td>{line.right.unwrap_or_default()}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let cut = (!left_complete || !right_complete).then(
        || view! { <p class="answer-hint">"Only the first 200 kB of the bodies are compared."</p> },
    );
    view! {
        <div class="answer-tools">
            <p>{result}</p>
            <span class="answer-tools-end">
                <button type="button" class="tool" on:click=move |_| compared.set(None)>"Close the comparison"</button>
            </span>
        </div>
        {cut}
        <div class="compare" tabindex="0" role="region" aria-label="Comparison">
            <table>
                <thead><tr><th scope="col">{title(left)}</th><th aria-hidden="true"></th><th scope="col">{title(right)}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn title(exchange: &Exchange) -> String {
    let request = [exchange.draft.method.as_str(), " ", &exchange.draft.path].concat();
    let time = local_time(exchange.sent_at);
    match &exchange.result {
        ExchangeResult::Answered(answer) => {
            let (status, elapsed) = (answer.status, milliseconds(answer.timing.elapsed()));
            let size = size_of(answer.bytes().len());
            format!(
                "{time} {request}: {status} {}, {elapsed}, {size}",
                reason(status)
            )
        }
        ExchangeResult::Failed(_) => format!("{time} {request}: not answered"),
    }
}

fn text_of(exchange: &Exchange) -> (String, bool) {
    match &exchange.result {
        ExchangeResult::Answered(answer) => comparable(answer),
        ExchangeResult::Failed(error) => (error.to_string(), true),
    }
}
