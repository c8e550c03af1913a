//! The request as code.

use std::rc::Rc;

use leptos::prelude::*;

use super::snippet::{Language, Source, snippet};
use crate::components::copy::copy_button;
use crate::console::exchange::RequestDraft;
use velvet_rope::Auth;

/// Shows a request as code in a language that the user chooses.
pub(super) fn view_code(auth: Auth, draft: RequestDraft, language: RwSignal<Language>) -> AnyView {
    let buttons = Language::ALL.map(|at| {
        let pressed = move || (language.get() == at).to_string();
        view! {
            <button type="button" class="tool" aria-pressed=pressed on:click=move |_| language.set(at)>{at.name()}</button>
        }
    });
    let code = move || code(auth, &draft, language.get());
    let copied = code.clone();
    view! {
        <div class="answer-tools">
            {buttons.collect_view()}
            <span class="answer-tools-end">{copy_button("tool", "Copy", move || untrack(&copied))}</span>
        </div>
        <pre class="answer-raw" tabindex="0" aria-label="Code">{code}</pre>
        <p class="answer-hint">
            {move || language.get().needs()}
            " Secrets are not part of the code: set the variables that it names."
        </p>
    }
    .into_any()
}

fn code(auth: Auth, draft: &RequestDraft, language: Language) -> String {
    let url = match draft.request(auth, &Rc::default()).url() {
        Ok(url) => url,
        Err(error) => return format!("The request is not valid: {error}."),
    };
    let api = auth.config().api;
    let source = Source {
        draft,
        url: &url,
        region: &api.region,
        service: &api.service,
        has_api_key: api.key.is_some(),
    };
    snippet(language, &source)
}
