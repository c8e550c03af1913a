//! The actions of the session page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::info::Live;
use super::part;
use crate::browser::page;
use crate::components::action::button;
use crate::components::outcome::{Outcome, view_outcome};
use crate::components::sign_out::use_sign_out;
use crate::messages::{MessageContext, describe, role_name, sign_out_choices};
use velvet_rope::{AuthError, ProviderKind, SignInOptions};

/// The actions.
#[component]
pub(super) fn Actions(live: Live) -> impl IntoView {
    let auth = live.auth;
    let config = auth.config();
    let cognito = matches!(config.provider.kind, ProviderKind::Cognito { .. });
    let context = StoredValue::new(MessageContext::new(
        &config,
        &velvet_rope::browser::origin(),
    ));
    let outcome = RwSignal::new(Outcome::Nothing);
    let note = move |result: Result<(), AuthError>, success: &'static str| {
        let result = match result {
            Ok(()) => Outcome::Text(success.to_owned()),
            Err(error) => Outcome::Failed(context.with_value(|context| describe(&error, context))),
        };
        let _ = outcome.try_set(result);
    };
    let on_sign_in =
        Callback::new(move |()| auth.sign_in(&velvet_rope::browser::path_query_fragment()));
    let on_step_up = Callback::new(move |()| {
        auth.sign_in_with(
            &velvet_rope::browser::path_query_fragment(),
            SignInOptions::step_up(),
        );
    });
    let on_passkey =
        Callback::new(move |()| auth.add_passkey(&velvet_rope::browser::path_query_fragment()));
    let on_renew = Callback::new(move |()| {
        outcome.set(Outcome::Text("Renewing…".to_owned()));
        spawn_local(async move { note(auth.renew().await, "The tokens are new.") });
    });
    let choose = Callback::new(move |role: Option<String>| {
        note(
            auth.choose_role(role.as_deref()),
            "The role is used from the next signed call on.",
        );
    });
    let on_retry = Callback::new(move |()| {
        // The button disappears.
        page::focus("outcome");
        on_renew.run(());
    });
    let actions = view! {
        <div>
            <p class="actions">
                {button("Renew now", on_renew)}
                {button("Sign in again", on_step_up)}
                {cognito.then(|| button("Add a passkey", on_passkey))}
            </p>
            {view_outcome(outcome, on_sign_in, on_retry)}
        </div>
        {move || view_roles(live, choose)}
    };
    view! {
        {part("Actions", "actions", actions.into_any())}
        {part("Signing out", "sign-out", view_sign_out(cognito))}
    }
}

/// The roles to choose from, if there are any.
fn view_roles(live: Live, choose: Callback<Option<String>>) -> Option<AnyView> {
    live.session.with(|session| {
        let session = session
            .as_ref()
            .filter(|session| !session.roles.is_empty())?;
        let pool = match &session.preferred_role {
            Some(role) => ["Let the identity pool choose: ", role_name(role)].concat(),
            None => "Let the identity pool choose".to_owned(),
        };
        let options = session
            .roles
            .iter()
            .map(|role| (Some(role), role_name(role).to_owned()));
        let options = [(None, pool)]
            .into_iter()
            .chain(options)
            .map(|(role, label)| {
                let checked = session.role.as_ref() == role;
                let value = role.cloned();
                view! {
                    <label>
                        <input type="radio" name="role" prop:checked=checked
                            on:change=move |_| choose.run(value.clone())/>
                        <span>{label}{role.map(|role| view! { <code>{role.clone()}</code> })}</span>
                    </label>
                }
            });
        let view = view! {
            <fieldset class="roles">
                <legend>"Role for signed calls"</legend>
                {options.collect::<Vec<_>>()}
            </fieldset>
        };
        Some(view.into_any())
    })
}

fn view_sign_out(cognito: bool) -> AnyView {
    let sign_out = use_sign_out();
    let choices = sign_out_choices(cognito).map(|(scope, label, effect)| {
        let on_press = Callback::new(move |()| sign_out.run(scope));
        view! { <div>{button(label, on_press)}<p>{effect}</p></div> }
    });
    view! { <div class="choices">{choices.collect::<Vec<_>>()}</div> }.into_any()
}
