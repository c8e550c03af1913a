//! The form on the page.

use leptos::prelude::*;

use super::body_view::view_body;
use super::fields::{view_pairs, view_path};
use super::state::Form;
use crate::console::catalog::protection::AuthKind;
use crate::console::catalog::{Catalog, Entry};
use crate::console::exchange::RequestDraft;
use velvet_rope::{Auth, AuthState, Method};
use velvet_rope_openapi::Operation;

/// What the form does.
#[derive(Clone, Copy)]
pub(in crate::console) struct Actions {
    pub(in crate::console) on_send: Callback<RequestDraft>,
    pub(in crate::console) on_cancel: Callback<()>,
    pub(in crate::console) is_sending: Signal<bool>,
}

/// Shows the form of an operation.
pub(in crate::console) fn view_form(
    auth: Auth,
    form: Form,
    catalog: Signal<Catalog>,
    actions: Actions,
) -> AnyView {
    let entry = form.entry.get_value();
    let operation = catalog.with_untracked(|catalog| catalog.operation(&entry).cloned());
    // Each change is kept at once: a reload or a sign-in loses nothing.
    Effect::new(move |_| form.save());
    let send = move || {
        form.is_tried.set(true);
        if !actions.is_sending.get_untracked()
            && let Ok(draft) = untrack(|| form.draft())
        {
            actions.on_send.run(draft);
        }
    };
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    view! {
        <form class="request" aria-label="Request" on:submit=on_submit on:keydown=on_key novalidate>
            {view_head(form, &entry, operation.as_ref())}
            {view_path(form)}
            {view_pairs(form, "Query", "Add to the query", form.query)}
            {view_pairs(form, "Headers", "Add a header", form.headers)}
            {view_auth(auth, form)}
            {view_body(form, catalog)}
            {view_send(form, actions)}
        </form>
    }
    .into_any()
}

fn view_head(form: Form, entry: &Entry, operation: Option<&Operation>) -> AnyView {
    let method = if entry.methods.len() > 1 {
        let options = entry.methods.iter().map(|method| {
            let method = *method;
            let is_chosen = move || form.method.get() == method;
            view! { <option value=method.as_str() selected=is_chosen>{method.as_str()}</option> }
        });
        let options = options.collect_view();
        let on_change = move |event| {
            let chosen = event_target_value(&event);
            let method = Method::ALL
                .into_iter()
                .find(|method| method.as_str() == chosen);
            form.method.set(method.unwrap_or(Method::Get));
        };
        view! { <select class="request-method" aria-label="Method" on:change=on_change>{options}</select> }
            .into_any()
    } else {
        view! { <span class=method_class(entry.method)>{entry.method}</span> }.into_any()
    };
    let title = match entry.title.as_str() {
        "" => entry.path.clone(),
        title => title.to_owned(),
    };
    let description = operation.and_then(|operation| operation.description.clone());
    let guarded = if entry.protection.is_guarded() {
        "protection protection-guarded"
    } else {
        "protection protection-open"
    };
    view! {
        <h2 class="request-title" id="operation" tabindex="-1">{title}</h2>
        <p class="request-line">
            {method}
            <code class="request-path">{entry.path.clone()}</code>
            <span class=guarded>{entry.protection.label()}</span>
            {entry.is_deprecated.then(|| view! { <span class="deprecated">"Deprecated"</span> })}
        </p>
        {description.map(|text| view! { <p class="request-description">{text}</p> })}
    }
    .into_any()
}

/// The class of a method: its colour is not the only sign, its name is always there.
pub(in crate::console) fn method_class(method: &str) -> String {
    ["method method-", &method.to_ascii_lowercase()].concat()
}

fn view_auth(auth: Auth, form: Form) -> AnyView {
    let kinds = [
        (AuthKind::Open, "API key only"),
        (AuthKind::Iam, "Signature (IAM)"),
        (AuthKind::Bearer, "Access token"),
        (AuthKind::Header, "Header of your own"),
    ];
    let buttons = kinds.map(|(kind, label)| {
        let is_chosen = move || form.auth.get() == kind;
        view! {
            <button
                type="button" class="tool" aria-pressed=move || is_chosen().to_string()
                on:click=move |_| form.auth.set(kind)
            >
                {label}
            </button>
        }
    });
    let on_sign_in = move |_| auth.sign_in(&auth.return_path());
    let hint = move || {
        let is_signed_in = matches!(auth.state().get(), AuthState::SignedIn(_));
        let text = match form.auth.get() {
            _ if is_signed_in => return None,
            AuthKind::Iam => {
                "You are not signed in: the request is signed for a guest, if the identity pool allows guests. "
            }
            AuthKind::Bearer if auth.account().is_none() => {
                "You are not signed in, so there is no access token to send. "
            }
            _ => return None,
        };
        let view = view! {
            <p class="field-hint">
                {text}
                <button type="button" class="tool" on:click=on_sign_in>"Sign in"</button>
            </p>
        };
        Some(view.into_any())
    };
    let own = move || {
        (form.auth.get() == AuthKind::Header).then(|| {
            view! {
                <div class="field field-free">
                    <input
                        class="field-value" aria-label="Name of the header" placeholder="Name"
                        autocomplete="off" autocapitalize="none" spellcheck="false"
                        prop:value=move || form.auth_header.get()
                        on:input=move |event| form.auth_header.set(event_target_value(&event))
                    />
                    <input
                        class="field-value" type="password" aria-label="Value of the header" placeholder="Value, not stored"
                        autocomplete="off" spellcheck="false"
                        prop:value=move || form.auth_value.get()
                        on:input=move |event| form.auth_value.set(event_target_value(&event))
                    />
                </div>
            }
        })
    };
    view! {
        <fieldset class="request-part">
            <legend>"Authorization"</legend>
            <div class="request-choices">{buttons.collect_view()}</div>
            {own}
            {hint}
        </fieldset>
    }
    .into_any()
}

fn view_send(form: Form, actions: Actions) -> AnyView {
    let missing = move || {
        let missing = form.is_tried.get().then(|| form.draft().err()).flatten()?;
        Some(["Missing: ", &missing.join(", ")].concat())
    };
    let on_cancel = move |_| actions.on_cancel.run(());
    let cancel = move || {
        actions.is_sending.get().then(|| {
            view! { <button type="button" class="button" on:click=on_cancel>"Cancel"</button> }
        })
    };
    view! {
        <div class="request-send">
            <button class="button button-primary" type="submit" aria-disabled=move || actions.is_sending.get().then_some("true")>
                {move || if actions.is_sending.get() { "Sending…" } else { "Send" }}
            </button>
            {cancel}
            <span class="field-hint">"Ctrl or ⌘ + Enter"</span>
            <span class="field-missing" role="alert">{missing}</span>
        </div>
    }
    .into_any()
}
