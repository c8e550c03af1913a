//! The callback: shows that the sign-in is being completed, goes on to where the person came from, or says
//! what went wrong.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::browser::page;
use crate::components::action::button;
use crate::components::notice::Notice;
use crate::messages::{MessageContext, SuggestedAction, describe, describe_passkey};
use velvet_rope::auth::{Auth, CallbackOutcome, use_auth};
use velvet_rope::oauth::callback::PasskeyResult;
use velvet_rope::oauth::options::SignInOptions;

/// The page.
#[component]
pub(crate) fn CallbackPage() -> impl IntoView {
    page::set_title("Signing in · Velvet Rope");
    let auth = use_auth();
    let outcome = auth.callback();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let options = NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        };
        match outcome.get() {
            CallbackOutcome::Done { return_to } => navigate(&return_to, options),
            // A reload or a bookmark: there is nothing to answer here any more.
            CallbackOutcome::None => navigate("/", options),
            CallbackOutcome::Pending
            | CallbackOutcome::Passkey { .. }
            | CallbackOutcome::Failed(_) => {}
        }
    });
    let setting = StoredValue::new(MessageContext::new(
        &auth.config(),
        &velvet_rope::browser::origin(),
    ));
    let on_sign_in = Callback::new(move |()| auth.sign_in("/"));
    let view_outcome = move || match outcome.get() {
        CallbackOutcome::Failed(error) => {
            let message = setting.with_value(|setting| describe(&error, setting));
            // The code is spent: trying again means a new sign-in.
            view! {
                <Notice message on_sign_in on_retry=on_sign_in/>
                <p><a href="/">"Go to the start page"</a></p>
            }
            .into_any()
        }
        CallbackOutcome::Passkey { result, return_to } => view_passkey(result, return_to, auth),
        _ => view! { <p>"One moment…"</p> }.into_any(),
    };
    let heading = move || match outcome.get() {
        CallbackOutcome::Failed(_) => "You are not signed in by this".to_owned(),
        CallbackOutcome::Passkey { result, .. } => describe_passkey(result).title,
        _ => "Signing you in".to_owned(),
    };
    view! {
        <h1>{heading}</h1>
        <section aria-live="polite" aria-label="Sign-in">{view_outcome}</section>
    }
}

fn view_passkey(result: PasskeyResult, return_to: String, auth: Auth) -> AnyView {
    let message = describe_passkey(result);
    let back = return_to.clone();
    let on_sign_in = Callback::new(move |()| {
        auth.sign_in_with(&return_to, SignInOptions::step_up());
    });
    let sign_in = (message.suggested_action == SuggestedAction::SignIn)
        .then(|| button("Sign in again", on_sign_in));
    view! {
        <p>{message.detail}</p>
        <p class="actions">{sign_in}<a href=back>"Go on"</a></p>
    }
    .into_any()
}
