//! The page that the provider returns to after a sign-in: its progress, or what went wrong.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::action::button;
use crate::components::notice::Notice;
use crate::messages::{MessageContext, SuggestedAction, describe, describe_passkey};
use velvet_rope::{
    Auth, AuthError, AuthState, CallbackOutcome, CallbackPage, PasskeyResult, SignInOptions,
    use_auth,
};

/// The page.
#[component]
pub(crate) fn CallbackView() -> impl IntoView {
    page::set_title("Signing in · Velvet Rope");
    let auth = use_auth();
    let outcome = auth.callback();
    let heading = move || match outcome.get() {
        CallbackOutcome::Failed(_) => "This sign-in failed".to_owned(),
        CallbackOutcome::Passkey { result, .. } => describe_passkey(result).title,
        CallbackOutcome::None | CallbackOutcome::Pending | CallbackOutcome::Done { .. } => {
            "Signing you in".to_owned()
        }
    };
    let context = MessageContext::new(&auth.config(), &velvet_rope::browser::origin());
    let error = move |error: AuthError| view_error(auth, &error, &context);
    let passkey = move |(result, return_to)| view_passkey(auth, result, return_to);
    let pending = || view! { <p>"One moment…"</p> };
    view! {
        <h1>{heading}</h1>
        <section aria-live="polite" aria-label="Sign-in">
            <CallbackPage pending error passkey/>
        </section>
    }
}

fn view_error(auth: Auth, error: &AuthError, context: &MessageContext) -> AnyView {
    let message = describe(error, context);
    let on_sign_in = Callback::new(move |()| auth.sign_in("/"));
    let still = match auth.state().get() {
        AuthState::SignedIn(user) => {
            Some(["You are still signed in as ", &user.name, "."].concat())
        }
        AuthState::Restoring | AuthState::SigningIn | AuthState::SignedOut(_) => None,
    };
    // The code can be used only once: trying again means a new sign-in.
    view! {
        <Notice message on_sign_in on_retry=on_sign_in/>
        {still.map(|text| view! { <p>{text}</p> }.into_any())}
        <p><a href="/">"Go to the start page"</a></p>
    }
    .into_any()
}

fn view_passkey(auth: Auth, result: PasskeyResult, return_to: String) -> AnyView {
    let message = describe_passkey(result);
    let back = return_to.clone();
    let on_sign_in = Callback::new(move |()| {
        auth.sign_in_with(&return_to, SignInOptions::step_up());
    });
    let sign_in = (message.suggested_action == SuggestedAction::SignIn)
        .then(|| button("Sign in again", on_sign_in));
    view! {
        <p>{message.detail}</p>
        <p class="actions">{sign_in}<a href=back>"Continue"</a></p>
    }
    .into_any()
}
