//! An error as a message, with its fix and a suggested action.

use leptos::prelude::*;

use crate::messages::{Message, SuggestedAction};

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
        fix,
        suggested_action,
    } = message;
    let button = match (suggested_action, on_retry) {
        (SuggestedAction::SignIn, _) => Some(("Sign in", on_sign_in)),
        (SuggestedAction::Retry, Some(on_retry)) => Some(("Try again", on_retry)),
        (SuggestedAction::Retry | SuggestedAction::None, _) => None,
    };
    view! {
        <div class="notice">
            <p class="notice-title">{title}</p>
            <p>{detail}</p>
            {fix.map(|fix| view! { <p class="notice-fix"><strong>"How to fix it: "</strong>{fix}</p> })}
            {button.map(|(label, action)| view! {
                <button class="button" type="button" on:click=move |_| action.run(())>{label}</button>
            })}
        </div>
    }
}
