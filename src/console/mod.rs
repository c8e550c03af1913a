//! The API console: calls any route of the API as the signed-in user.
//!
//! ```text
//! answer      the answers of this tab: body, headers, request, code, history
//! exchange    a request and its result
//! styles      the style sheets of the console, which the first view does not load
//! ```

mod answer;
mod exchange;
mod styles;

use leptos::prelude::*;

use self::answer::AnswerPane;
use self::exchange::{Exchange, RequestDraft};
use crate::browser::page;

/// The page.
#[component]
pub(crate) fn ConsolePage() -> impl IntoView {
    page::set_title("API console · Velvet Rope");
    styles::adopt();
    let exchanges = RwSignal::new(Vec::<Exchange>::new());
    let shown = RwSignal::new(None::<u32>);
    let on_replay = Callback::new(|_draft: RequestDraft| {});
    view! {
        <h1>"API console"</h1>
        <AnswerPane exchanges shown on_replay/>
    }
}
