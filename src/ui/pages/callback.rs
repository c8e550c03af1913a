//! The callback: shows that the sign-in is being completed, goes on to where the person came from, or says
//! what went wrong.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::auth::{CallbackOutcome, use_auth};
use crate::browser::page;
use crate::ui::components::notice::Notice;
use crate::ui::messages::{Setting, describe};

/// The page.
#[component]
pub(in crate::ui) fn CallbackPage() -> impl IntoView {
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
            CallbackOutcome::Done { return_to } | CallbackOutcome::Passkey { return_to, .. } => {
                navigate(&return_to, options)
            }
            // A reload or a bookmark: there is nothing to answer here any more.
            CallbackOutcome::None => navigate("/", options),
            CallbackOutcome::Pending | CallbackOutcome::Failed(_) => {}
        }
    });
    let setting = StoredValue::new(Setting::new(&auth.config(), &page::origin()));
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
        _ => view! { <p>"One moment…"</p> }.into_any(),
    };
    let heading = move || match outcome.get() {
        CallbackOutcome::Failed(_) => "You are not signed in by this",
        _ => "Signing you in",
    };
    view! {
        <h1>{heading}</h1>
        <section aria-live="polite" aria-label="Sign-in">{view_outcome}</section>
    }
}
