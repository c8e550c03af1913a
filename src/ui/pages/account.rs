//! The account of the API's own: sign in, register, sign out. Offered only where the configuration has accounts.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::auth::use_auth;
use crate::browser::local_time::local_time;
use crate::browser::page;
use crate::ui::components::action::button;
use crate::ui::components::notice::Notice;
use crate::ui::messages::{Message, Setting, describe_account_error, describe_account_sign_out};

/// What is known of what was last asked for.
#[derive(Clone)]
enum Outcome {
    Nothing,
    Waiting,
    Said(String),
    Failed(Message),
}

/// The page.
#[component]
pub(in crate::ui) fn AccountPage() -> impl IntoView {
    page::set_title("Account · Velvet Rope");
    let auth = use_auth();
    let outcome = RwSignal::new(Outcome::Nothing);
    let on_sign_out = Callback::new(move |()| {
        outcome.set(Outcome::Waiting);
        // What was pressed goes.
        page::focus("account-outcome");
        spawn_local(async move {
            let done = auth.sign_out_account().await;
            let said = done.map(|done| describe_account_sign_out(done, local_time));
            let _ = outcome.try_set(said.map_or(Outcome::Nothing, Outcome::Said));
        });
    });
    let name = Memo::new(move |_| auth.account().map(|account| account.name));
    let view_account = move || {
        match name.get() {
        Some(name) => view! {
            <section class="who" aria-label="Who you are">
                <p>"You are signed in as "<strong>{name}</strong>". Routes that want a bearer token get that of this account, unless you are signed in with the provider too."</p>
            </section>
            <p class="actions">
                {button("Sign out of the account", on_sign_out)}
                <a href="/">"Go to the routes"</a>
            </p>
        }
        .into_any(),
        None => view! {
            <div class="forms">
                {form(false, outcome)}
                {form(true, outcome)}
            </div>
        }
        .into_any(),
    }
    };
    let no_sign_in = Callback::new(|()| ());
    let view_outcome = move || match outcome.get() {
        Outcome::Nothing => ().into_any(),
        Outcome::Waiting => view! { <p>"One moment…"</p> }.into_any(),
        Outcome::Said(text) => view! { <p>{text}</p> }.into_any(),
        Outcome::Failed(message) => view! { <Notice message on_sign_in=no_sign_in/> }.into_any(),
    };
    view! {
        <h1>"Your account"</h1>
        <div class="outcome" id="account-outcome" role="status" tabindex="-1">{view_outcome}</div>
        {view_account}
    }
}

/// The form to sign in, or the one for a new account. Nothing typed goes when it fails.
fn form(new: bool, outcome: RwSignal<Outcome>) -> AnyView {
    let auth = use_auth();
    let (title, id, autocomplete) = if new {
        ("Create an account", "register", "new-password")
    } else {
        ("Sign in with an account", "login", "current-password")
    };
    let (name, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<Input>| field.get_untracked().map(|field| field.value());
        let (Some(name), Some(password)) = (typed(name), typed(password)) else {
            return;
        };
        if matches!(outcome.get_untracked(), Outcome::Waiting) {
            return;
        }
        outcome.set(Outcome::Waiting);
        spawn_local(async move {
            let reached = match auth.sign_in_account(new, name.trim(), &password).await {
                Ok(()) => {
                    // The form goes.
                    page::focus("account-outcome");
                    Outcome::Said("You are signed in.".to_owned())
                }
                Err(error) => {
                    let setting = Setting::new(&auth.config(), &page::origin());
                    Outcome::Failed(describe_account_error(&error, &setting))
                }
            };
            let _ = outcome.try_set(reached);
        });
    };
    let heading = [id, "-heading"].concat();
    let labelled_by = heading.clone();
    let hint = [id, "-hint"].concat();
    let described_by = new.then(|| hint.clone());
    let hints = new.then(|| {
        view! {
            <p class="form-hint" id=hint>
                "Name: 3 to 64 letters, digits and . _ @ + -. Password: 8 characters or more."
            </p>
        }
    });
    view! {
        <form class="form" id=id aria-labelledby=labelled_by on:submit=submit>
            <h2 id=heading>{title}</h2>
            <label>
                "Name"
                <input node_ref=name name="username" autocomplete="username" autocapitalize="none" spellcheck="false"
                    required=true minlength="3" maxlength="64"/>
            </label>
            <label>
                "Password"
                <input node_ref=password type="password" name="password" autocomplete=autocomplete
                    required=true minlength="8" maxlength="128" aria-describedby=described_by/>
            </label>
            {hints}
            <button
                class="button button-primary" type="submit"
                aria-disabled=move || matches!(outcome.get(), Outcome::Waiting).then_some("true")
            >
                {title}
            </button>
        </form>
    }
    .into_any()
}
