//! The headers of an answer.

use leptos::prelude::*;

use velvet_rope::Answer;

/// Shows the headers that the browser lets the page read.
pub(super) fn view_headers(answer: &Answer) -> AnyView {
    let rows = answer.headers.iter().map(|(name, value)| {
        view! { <tr><th scope="row"><code>{name.clone()}</code></th><td><code>{value.clone()}</code></td></tr> }
    });
    let rows = rows.collect_view();
    let table = (!answer.headers.is_empty()).then(|| {
        view! {
            <table class="header-table">
                <thead class="visually-hidden"><tr><th>"Name"</th><th>"Value"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        {table}
        <p class="answer-hint">
            "A page sees the headers that the API allows: those that "<code>"Access-Control-Expose-Headers"</code>
            " names, and a few that CORS always allows."
        </p>
    }
    .into_any()
}
