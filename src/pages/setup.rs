//! The page in place of the app when there is no valid configuration.

use leptos::prelude::*;

use crate::browser::page;
use crate::messages::{describe_load_error, describe_mistake};
use velvet_rope::{ConfigError, LoadError};

/// The page.
#[component]
pub(crate) fn SetupPage(
    /// Why there is no configuration.
    error: LoadError,
) -> impl IntoView {
    page::set_title("Configuration · Velvet Rope");
    let message = describe_load_error(&error);
    let missing = error == LoadError::Missing;
    let mistakes = match error {
        LoadError::Invalid(ConfigError::Mistakes(mistakes)) => mistakes,
        LoadError::Invalid(ConfigError::NotJson { .. })
        | LoadError::Unsupported(_)
        | LoadError::Missing
        | LoadError::Unreachable(_)
        | LoadError::Status(_)
        | LoadError::PartUnavailable(_) => Vec::new(),
    };
    view! {
        <main id="main" class="setup">
            <h1>{message.title}</h1>
            <p>{message.detail}</p>
            {(!mistakes.is_empty()).then(|| view! {
                <ul class="mistakes">
                    {mistakes.iter().map(|mistake| view! {
                        <li><code>{mistake.key.clone()}</code>" "{describe_mistake(mistake)}</li>
                    }).collect_view()}
                </ul>
            })}
            {missing.then(|| view! { <HowToGetOne/> })}
            <button class="button button-primary" type="button" on:click=|_| page::reload()>"Load again"</button>
        </main>
    }
}

#[component]
fn HowToGetOne() -> impl IntoView {
    view! {
        <h2>"How to get one"</h2>
        <ul>
            <li>"To try everything on this machine, run "<code>"cargo xtask start"</code>
                ": it starts a local cloud and configures the page for it."</li>
            <li>"For your own system, copy "<code>"public/config.example.json"</code>" to "
                <code>"public/config.json"</code>" and fill in the outputs of your CloudFormation stack."</li>
        </ul>
    }
}
