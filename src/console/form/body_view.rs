//! The body of the request.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::body_kind::{BodyKind, FileBody};
use super::fields::view_pairs;
use super::json;
use super::state::Form;
use crate::browser::file::{ChosenFile, FileError};
use crate::console::catalog::Catalog;

/// API Gateway accepts bodies of up to 10 MB (Amazon API Gateway quotas).
const FILE: usize = 10 << 20;
/// A longer text is not checked at each key.
const CHECKED: usize = 1 << 20;

/// The body, where the method has one.
pub(super) fn view_body(form: Form, catalog: Signal<Catalog>) -> AnyView {
    let kinds = BodyKind::ALL.map(|kind| {
        let is_chosen = move || form.body.get() == kind;
        view! {
            <button
                type="button" class="tool" aria-pressed=move || is_chosen().to_string()
                on:click=move |_| form.set_body(kind)
            >
                {kind.label()}
            </button>
        }
    });
    let kinds = kinds.collect_view();
    let content = move || match form.body.get() {
        BodyKind::None => ().into_any(),
        BodyKind::Json | BodyKind::Text => view_text(form, catalog),
        BodyKind::Form => view_pairs(form, "Form", "Add a pair", form.pairs),
        BodyKind::File => view_file(form),
    };
    let view = view! {
        <fieldset class="request-part">
            <legend>"Body"</legend>
            <div class="request-choices">{kinds}</div>
            {content}
        </fieldset>
    }
    .into_any();
    // Hidden, not removed: nothing is lost by a change of the method.
    view! { <div hidden=move || !form.has_body()>{view}</div> }.into_any()
}

fn view_text(form: Form, catalog: Signal<Catalog>) -> AnyView {
    let is_json = form.body.get_untracked() == BodyKind::Json;
    let checked = move || {
        let mistake = form.text.with(|text| {
            let is_checked = !text.trim().is_empty() && text.len() <= CHECKED;
            is_checked.then(|| json::mistake(text))
        });
        match mistake {
            None => ().into_any(),
            Some(None) => view! { <span class="json-valid">"✓ Valid JSON"</span> }.into_any(),
            Some(Some(mistake)) => {
                view! { <span class="json-invalid">"✗ "{mistake}</span> }.into_any()
            }
        }
    };
    let on_example = move |_| {
        if let Some(example) = example(form, &catalog.get_untracked()) {
            form.text.set(example);
        }
    };
    let has_example = move || catalog.with(|catalog| example(form, catalog).is_some());
    let tools = is_json.then(|| {
        view! {
            <div class="request-choices">
                {move || has_example().then(|| view! {
                    <button type="button" class="tool" on:click=on_example>"Example"</button>
                })}
                <button type="button" class="tool" on:click=move |_| form.indent()>"Indent"</button>
                <span role="status">{checked}</span>
            </div>
        }
    });
    view! {
        <div class="field">
            <label class="field-name" for="body-type">"Content type"</label>
            <input
                id="body-type" class="field-value" autocomplete="off" autocapitalize="none" spellcheck="false"
                prop:value=move || form.content_type.get()
                on:input=move |event| form.content_type.set(event_target_value(&event))
            />
        </div>
        <textarea
            class="request-text" rows="10" aria-label="Body" spellcheck="false" autocapitalize="none"
            prop:value=move || form.text.get()
            on:input=move |event| form.text.set(event_target_value(&event))
        ></textarea>
        {tools}
    }
    .into_any()
}

/// The example of the document for the body of this operation.
fn example(form: Form, catalog: &Catalog) -> Option<String> {
    let operation = form
        .entry
        .with_value(|entry| catalog.operation(entry).cloned())?;
    let media_types = operation.body?.media_types;
    let chosen = form.content_type.get_untracked();
    let media_type = media_types
        .iter()
        .find(|known| known.name == chosen)
        .or(media_types.first())?;
    let example = catalog.document.as_ref()?.example(media_type)?;
    serde_json::to_string_pretty(&example).ok()
}

fn view_file(form: Form) -> AnyView {
    let problem = RwSignal::new(String::new());
    let on_choose = move |event| {
        let Some(file) = ChosenFile::of_input(&event) else {
            return;
        };
        spawn_local(async move {
            let read = match file.read(FILE).await {
                Ok(bytes) => {
                    let content_type = match file.content_type() {
                        unknown if unknown.is_empty() => "application/octet-stream".to_owned(),
                        known => known,
                    };
                    let (name, bytes) = (file.name(), bytes.into());
                    let _ = form.file.try_set(Some(FileBody {
                        name,
                        content_type,
                        bytes,
                    }));
                    String::new()
                }
                Err(FileError::TooLarge(bytes)) => {
                    format!("The file has {bytes} bytes. API Gateway accepts at most 10 MB.")
                }
                Err(FileError::Unreadable) => "The browser cannot read this file.".to_owned(),
            };
            let _ = problem.try_set(read);
        });
    };
    let chosen = move || {
        form.file.get().map(|file| {
            let (name, size) = (file.name, file.bytes.len());
            format!("{name}, {size} bytes, {}", file.content_type)
        })
    };
    view! {
        <label class="field-name">
            "File "
            <input type="file" class="request-file" on:change=on_choose/>
        </label>
        <p class="field-hint" role="status">{chosen}{move || problem.get()}</p>
    }
    .into_any()
}
