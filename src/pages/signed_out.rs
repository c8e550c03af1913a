//! Where the provider sends people after signing out: what the sign-out did, and what stays valid.

use leptos::prelude::*;

use crate::browser::local_time;
use crate::browser::page;
use crate::components::action::button;
use crate::components::notice::Notice;
use crate::components::sign_out::SignOut;
use crate::messages::{MessageContext, describe, describe_sign_out};
use velvet_rope::auth::{Auth, use_auth};
use velvet_rope::session::sign_out::{Ending, SignOutScope};
use velvet_rope::session::state::{AuthState, SignedOutReason};

/// The page.
#[component]
pub(crate) fn SignedOutPage(
    /// Signing out.
    sign_out: SignOut,
) -> impl IntoView {
    page::set_title("Signed out · Velvet Rope");
    let auth = use_auth();
    let who = auth.state();
    let setting = StoredValue::new(MessageContext::new(
        &auth.config(),
        &velvet_rope::browser::origin(),
    ));
    let on_sign_in = Callback::new(move |()| auth.sign_in("/"));
    let on_sign_out = Callback::new(move |()| sign_out.run.run(SignOutScope::ThisApp));
    let view_state = move || match who.get() {
        // What became of it is known when everybody was asked.
        _ if sign_out.busy.get() => page_of("Signing you out", waiting(), None),
        AuthState::Restoring => page_of("One moment…", ().into_any(), None),
        // On the way to another user.
        AuthState::SigningIn => page_of("Signing you in", waiting(), None),
        // Somebody opened this address without signing out.
        AuthState::SignedIn(user) => page_of(
            "You are still signed in",
            view! { <p>"You are signed in as "<strong>{user.name}</strong>"."</p> }.into_any(),
            Some(("Sign out now", on_sign_out)),
        ),
        AuthState::SignedOut(reason) => {
            let error = match reason {
                SignedOutReason::Failed(error) => Some(error),
                _ => None,
            };
            let notice = error.map(|error| {
                let message = setting.with_value(|setting| describe(&error, setting));
                view! { <Notice message on_sign_in/> }.into_any()
            });
            let report = view_report(auth, on_sign_out);
            page_of(
                "You are signed out",
                view! {{notice}{report}}.into_any(),
                Some(("Sign in again", on_sign_in)),
            )
        }
    };
    view! { <section>{view_state}</section> }
}

fn waiting() -> AnyView {
    view! { <p>"One moment…"</p> }.into_any()
}

fn page_of(
    heading: &'static str,
    content: AnyView,
    action: Option<(&'static str, Callback<()>)>,
) -> AnyView {
    let actions = action.map(|(label, on_press)| {
        view! {
            <p class="actions">
                <button class="button button-primary" type="button" on:click=move |_| on_press.run(())>{label}</button>
                <a href="/">"Go to the start page"</a>
            </p>
        }
        .into_any()
    });
    view! { <h1>{heading}</h1>{content}{actions} }.into_any()
}

/// What the last sign-out did. The page may also be opened without one.
fn view_report(auth: Auth, on_retry: Callback<()>) -> Vec<AnyView> {
    let paragraph = |text: String| view! { <p>{text}</p> }.into_any();
    let Some(report) = auth.sign_out_report() else {
        return vec![paragraph("This browser has no session here.".to_owned())];
    };
    let idle_limit = auth.config().session.idle_limit;
    let sentences = describe_sign_out(&report, idle_limit, auth.now(), local_time);
    let mut views: Vec<AnyView> = sentences.into_iter().map(paragraph).collect();
    if report.provider_session == Ending::Failed {
        let retry = button("Try again", on_retry);
        views.push(view! { <p>{retry}</p> }.into_any());
    }
    views
}
