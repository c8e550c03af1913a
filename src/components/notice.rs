//! An error as a message, with the values seen, its fix and a suggested action.

use leptos::prelude::*;

use crate::browser::page;
use crate::messages::{Message, SuggestedAction};
use crate::route::{DOCTOR_PATH, SESSION_PATH};
use velvet_rope::use_auth;

/// Shows a [`Message`].
#[component]
pub(crate) fn Notice(
    /// The message.
    message: Message,
    /// Signs in.
    on_sign_in: Callback<()>,
    /// Tries again; without it there is no such button.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let Message {
        title,
        detail,
        values,
        fix,
        suggested_action,
    } = message;
    view! {
        <div class="notice">
            <p class="notice-title">{title}</p>
            <p>{detail}</p>
            {view_values(values)}
            {fix.map(|fix| view! { <p class="notice-fix"><strong>"How to fix it: "</strong>{fix}</p> })}
            {view_action(suggested_action, on_sign_in, on_retry)}
        </div>
    }
}

fn view_values(values: Vec<(String, String)>) -> Option<AnyView> {
    if values.is_empty() {
        return None;
    }
    page::adopt_style_sheet(include_str!("../../style/notice.css"));
    let rows = values.into_iter().map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> }
    });
    Some(view! { <dl class="notice-values">{rows.collect_view()}</dl> }.into_any())
}

fn view_action(
    action: SuggestedAction,
    on_sign_in: Callback<()>,
    on_retry: Option<Callback<()>>,
) -> Option<AnyView> {
    let (label, on_press) = match (action, on_retry) {
        (SuggestedAction::SignIn, _) => ("Sign in", on_sign_in),
        (SuggestedAction::Retry, Some(on_retry)) => ("Try again", on_retry),
        (SuggestedAction::NewCredentials, Some(on_retry)) => (
            "Try again with new credentials",
            with_new_credentials(on_retry),
        ),
        (SuggestedAction::CorrectClock, Some(on_retry)) => (
            "Correct the clock and try again",
            with_new_credentials(on_retry),
        ),
        (SuggestedAction::ChooseRole, _) => {
            let roles = [SESSION_PATH, "#actions"].concat();
            return Some(
                view! { <a class="button" href=roles>"Choose another role"</a> }.into_any(),
            );
        }
        (SuggestedAction::CheckSetup, _) => {
            return Some(
                view! { <a class="button" href=DOCTOR_PATH>"Check the setup"</a> }.into_any(),
            );
        }
        (
            SuggestedAction::Retry
            | SuggestedAction::NewCredentials
            | SuggestedAction::CorrectClock,
            None,
        )
        | (SuggestedAction::None, _) => return None,
    };
    let button = view! {
        <button class="button" type="button" on:click=move |_| on_press.run(())>{label}</button>
    };
    Some(button.into_any())
}

/// Their answer corrects the clock too.
fn with_new_credentials(on_retry: Callback<()>) -> Callback<()> {
    let auth = use_auth();
    Callback::new(move |()| {
        auth.forget_credentials();
        on_retry.run(());
    })
}
