//! The fields of a form.

use leptos::prelude::*;

use super::pair::{Declared, Pair};
use super::state::Form;
use crate::browser::page;

/// The parameters of the path, which always are there.
pub(super) fn view_path(form: Form) -> Option<AnyView> {
    let pairs = form.path.get_value();
    let rows = (!pairs.is_empty()).then(|| {
        let rows = pairs.into_iter().map(|pair| view_declared(form, pair));
        rows.collect_view()
    })?;
    let view = view! {
        <fieldset class="request-part">
            <legend>"Path"</legend>
            {rows}
        </fieldset>
    };
    Some(view.into_any())
}

/// Rows that the user can add to.
pub(super) fn view_pairs(
    form: Form,
    title: &'static str,
    add: &'static str,
    rows: RwSignal<Vec<Pair>>,
) -> AnyView {
    let view_row = move |pair: Pair| match pair.declared {
        Some(_) => view_declared(form, pair),
        None => view_free(title, rows, &pair),
    };
    let on_add = move |_| {
        let pair = form.pair("", String::new(), None);
        let id = name_id(&pair);
        rows.update(|rows| rows.push(pair));
        request_animation_frame(move || page::focus(&id));
    };
    view! {
        <fieldset class="request-part">
            <legend>{title}</legend>
            <For each=move || rows.get() key=|pair| pair.id children=view_row/>
            <button type="button" class="tool" on:click=on_add>{add}</button>
        </fieldset>
    }
    .into_any()
}

fn name_id(pair: &Pair) -> String {
    ["field-", &pair.id.to_string(), "-name"].concat()
}

fn view_declared(form: Form, pair: Pair) -> AnyView {
    let id = ["field-", &pair.id.to_string()].concat();
    let hint_id = [&id, "-hint"].concat();
    let Declared { hint, choices, .. } = pair.declared.as_deref().cloned().unwrap_or_default();
    let name = pair.name.get_untracked();
    let value = pair.value;
    let list_id = (!choices.is_empty()).then(|| [&id, "-values"].concat());
    let list = list_id.clone().map(|list_id| {
        let options = choices
            .into_iter()
            .map(|choice| view! { <option value=choice></option> });
        view! { <datalist id=list_id>{options.collect_view()}</datalist> }
    });
    let is_required = pair.is_required();
    let is_missing = move || form.is_tried.get() && pair.is_missing();
    let marked = is_missing.clone();
    view! {
        <div class="field">
            <label class="field-name" for=id.clone()>
                <code>{name}</code>
                {is_required.then(|| view! { <span class="field-required">"required"</span> })}
            </label>
            <input
                id=id class="field-value" autocomplete="off" autocapitalize="none" spellcheck="false"
                aria-required=is_required.then_some("true")
                aria-invalid=move || marked().then_some("true")
                aria-describedby=hint_id.clone()
                list=list_id
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {list}
            <span class="field-hint" id=hint_id>
                {move || is_missing().then(|| view! { <strong class="field-missing">"A value is needed. "</strong> })}
                {hint}
            </span>
        </div>
    }
    .into_any()
}

fn view_free(title: &'static str, rows: RwSignal<Vec<Pair>>, pair: &Pair) -> AnyView {
    let Pair {
        id, name, value, ..
    } = *pair;
    let on_remove = move |_| rows.update(|rows| rows.retain(|row| row.id != id));
    let label = move |what: &str| [title, ": ", what].concat();
    view! {
        <div class="field field-free">
            <input
                id=name_id(pair) class="field-value" placeholder="Name" aria-label=label("name")
                autocomplete="off" autocapitalize="none" spellcheck="false"
                prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))
            />
            <input
                class="field-value" placeholder="Value" aria-label=label("value")
                autocomplete="off" autocapitalize="none" spellcheck="false"
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))
            />
            <button type="button" class="tool" aria-label="Remove this row" title="Remove" on:click=on_remove>"✕"</button>
        </div>
    }
    .into_any()
}
