//! The page that the provider returns to after a sign-out: the result of the sign-out, and what stays valid.

use leptos::prelude::*;

use crate::browser::local_time;
use crate::browser::page;
use crate::components::action::button;
use crate::components::notice::Notice;
use crate::components::sign_out::use_sign_out;
use crate::messages::{MessageContext, describe, describe_sign_out};
use velvet_rope::{
    Auth, AuthState, Ending, SignOutScope, SignedOutPage, SignedOutReason, User, use_auth,
};

/// The page.
#[component]
pub(crate) fn SignedOutView() -> impl IntoView {
    page::set_title("Signed out · Velvet Rope");
    let auth = use_auth();
    let context = StoredValue::new(MessageContext::new(
        &auth.config(),
        &velvet_rope::browser::origin(),
    ));
    let sign_out = use_sign_out();
    let on_sign_out = Callback::new(move |()| sign_out.run(SignOutScope::ThisApp));
    let pending = move || {
        let heading = match auth.state().get() {
            _ if auth.signing_out().get() => "Signing you out",
            // Switching to another user.
            AuthState::SigningIn => "Signing you in",
            AuthState::Restoring | AuthState::SignedIn(_) | AuthState::SignedOut(_) => {
                return page_of("One moment…", ().into_any(), None);
            }
        };
        page_of(heading, view! { <p>"One moment…"</p> }.into_any(), None)
    };
    let signed_in = move |user: User| {
        page_of(
            "You are still signed in",
            view! { <p>"You are signed in as "<strong>{user.name}</strong>"."</p> }.into_any(),
            Some(("Sign out now", on_sign_out)),
        )
    };
    view! {
        <section>
            <SignedOutPage pending signed_in>{view_signed_out(auth, context, on_sign_out)}</SignedOutPage>
        </section>
    }
}

fn view_signed_out(
    auth: Auth,
    context: StoredValue<MessageContext>,
    on_sign_out: Callback<()>,
) -> AnyView {
    let on_sign_in = Callback::new(move |()| auth.sign_in("/"));
    let notice = match auth.state().get() {
        AuthState::SignedOut(SignedOutReason::Failed(error)) => {
            let message = context.with_value(|context| describe(&error, context));
            Some(view! { <Notice message on_sign_in/> }.into_any())
        }
        AuthState::Restoring
        | AuthState::SigningIn
        | AuthState::SignedIn(_)
        | AuthState::SignedOut(_) => None,
    };
    let report = view_report(auth, on_sign_out);
    page_of(
        "You are signed out",
        view! {{notice}{report}}.into_any(),
        Some(("Sign in again", on_sign_in)),
    )
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

/// The result of the last sign-out. The page may also be opened without one.
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
