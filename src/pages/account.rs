//! The API-managed account: sign in, register, sign out. Only where the configuration has accounts.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::local_time;
use crate::browser::page;
use crate::components::action::button;
use crate::components::outcome::{Outcome, view_outcome};
use crate::messages::{MessageContext, describe_account_error, describe_account_sign_out};
use velvet_rope::{Auth, ProviderKind, use_auth};

/// The state of the page. Only a sign-in or a sign-out here replaces the forms, so that no input is lost.
#[derive(Clone, Copy)]
struct State {
    outcome: RwSignal<Outcome>,
    is_signed_in: RwSignal<bool>,
    busy: RwSignal<bool>,
}

impl State {
    fn wait(self) {
        self.busy.set(true);
        self.outcome.set(Outcome::Text("One moment…".to_owned()));
    }

    /// Shows the result, if the page is still there.
    fn finish(self, outcome: Outcome, is_signed_in: bool) {
        let _ = self.busy.try_set(false);
        let _ = self.outcome.try_set(outcome);
        if self.is_signed_in.try_get_untracked() == Some(!is_signed_in) {
            let _ = self.is_signed_in.try_set(is_signed_in);
            // The pressed button disappears.
            page::focus("outcome");
        }
    }
}

/// The page.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    page::set_title("Account · Velvet Rope");
    page::adopt_style_sheet(include_str!("../../style/forms.css"));
    let auth = use_auth();
    let state = State {
        outcome: RwSignal::new(Outcome::Nothing),
        is_signed_in: RwSignal::new(untrack(|| auth.account()).is_some()),
        busy: RwSignal::new(false),
    };
    let on_sign_out = Callback::new(move |()| {
        state.wait();
        spawn_local(async move {
            let outcome = match auth.sign_out_account().await {
                Some(done) => Outcome::Text(describe_account_sign_out(done, local_time)),
                None => Outcome::Nothing,
            };
            state.finish(outcome, false);
        });
    });
    let view_account = move || {
        if !state.is_signed_in.get() {
            return view! {
                {view_purpose(auth)}
                <div class="forms">{form(false, state)}{form(true, state)}</div>
            }
            .into_any();
        }
        let name = untrack(|| auth.account()).map_or_else(String::new, |account| account.name);
        view! {
            <section class="auth-state" aria-label="Sign-in status">
                <p>"You are signed in as "<strong>{name}</strong></p>
            </section>
            <p class="actions">
                {button("Sign out of the account", on_sign_out)}
                <a href="/">"Go to the routes"</a>
            </p>
        }
        .into_any()
    };
    let nothing = Callback::new(|()| ());
    view! {
        <h1>"Your account"</h1>
        {view_outcome(state.outcome, nothing, nothing)}
        {view_account}
    }
}

/// What an account is for, also to a user who is signed in at the provider already.
fn view_purpose(auth: Auth) -> AnyView {
    let provider = match auth.config().provider.kind {
        ProviderKind::Cognito { .. } => "Cognito",
        ProviderKind::Oidc { .. } => "the sign-in provider",
    };
    let signed_in = move || {
        let user = auth.session_info()?.user;
        let text = view! { "You are signed in with "{provider}" as "<strong>{user.name}</strong>", and need no account for that. " };
        Some(text)
    };
    view! {
        <p>
            {signed_in}
            {PURPOSE}
        </p>
    }
    .into_any()
}

/// The form to sign in, or the one for a new account.
fn form(new: bool, state: State) -> AnyView {
    let auth = use_auth();
    let (title, fields, name, password) = if new {
        ("Create an account", NEW, "new-name", "new-password")
    } else {
        ("Sign in with an account", KNOWN, "name", "password")
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if state.busy.get_untracked() {
            return;
        }
        let (name, password) = (page::value_of(name), page::value_of(password));
        state.wait();
        spawn_local(async move {
            let (outcome, is_signed_in) =
                match auth.sign_in_account(new, name.trim(), &password).await {
                    Ok(()) => (Outcome::Text("You are signed in.".to_owned()), true),
                    Err(error) => {
                        let context =
                            MessageContext::new(&auth.config(), &velvet_rope::browser::origin());
                        let message = describe_account_error(&error, &context);
                        (Outcome::Failed(message), false)
                    }
                };
            state.finish(outcome, is_signed_in);
        });
    };
    view! { <form class="form" aria-label=title on:submit=submit inner_html=fields></form> }
        .into_any()
}

const PURPOSE: &str = "This API has accounts of its own, with a name and a password. Their token opens the routes that take a bearer token, \
                       and nothing else.";

/// The fields of the forms as HTML: they never change, and as views they would add some kilobytes to the bundle. No field is inside its
/// label: WebKit would add the value to the name that screen readers say.
const KNOWN: &str = r#"<h2>Sign in with an account</h2>
<div class="form-field"><label for="name">Name</label><input id="name" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required minlength="3" maxlength="64"></div>
<div class="form-field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required minlength="8" maxlength="128"></div>
<button class="button button-primary">Sign in with an account</button>"#;

const NEW: &str = r#"<h2>Create an account</h2>
<div class="form-field"><label for="new-name">Name</label><input id="new-name" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required minlength="3" maxlength="64" aria-describedby="new-hint"></div>
<div class="form-field"><label for="new-password">Password</label><input id="new-password" name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="128" aria-describedby="new-hint"></div>
<p class="form-hint" id="new-hint">Name: 3 to 64 letters, digits and . _ @ + -. Password: 8 characters or more.</p>
<button class="button button-primary">Create an account</button>"#;
