//! The start page: the auth state, and the routes.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::user_record::UserRecord;
use crate::browser::page;
use crate::components::call_context::call_context;
use crate::components::notice::Notice;
use crate::components::route_card::{CallState, RouteCard};
use crate::components::view_later::view_later;
use crate::messages::{
    GUEST, MessageContext, describe, describe_call_error, describe_refusal, describe_signed_out,
    part_unavailable,
};
use velvet_rope::{Auth, AuthState, Route, SignedOutReason, User, later, use_auth};

/// The page.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    page::set_title("Velvet Rope");
    let auth = use_auth();
    let config = auth.config();
    let routes = config.api.routes.clone();
    let empty = routes.is_empty();
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    view! {
        <h1>"Behind the velvet rope"</h1>
        <SignInStatus on_sign_in/>
        {config.api.record.map(|route| view! { <RecordOfUser route on_sign_in/> })}
        <section aria-labelledby="routes-heading">
            <h2 id="routes-heading">"Routes"</h2>
            {empty.then(|| view! {
                <p class="empty">"No routes are configured yet. List them under "<code>"api.routes"</code>" in config.json."</p>
            })}
            <div class="cards">
                {routes.into_iter().map(|route| view! { <CallableRoute route on_sign_in/> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn SignInStatus(on_sign_in: Callback<()>) -> impl IntoView {
    let auth = use_auth();
    let state = auth.state();
    let has_accounts = auth.config().accounts.is_some();
    let view_state = move || match state.get() {
        AuthState::Restoring => view! { <p>"Restoring your session…"</p> }.into_any(),
        AuthState::SigningIn => view! { <p>"Signing you in…"</p> }.into_any(),
        // All that a first visit needs; every other sign-in status is in a part.
        AuthState::SignedOut(SignedOutReason::NotSignedIn) if !has_accounts => {
            view! { <p>{GUEST}</p> }.into_any()
        }
        state => view_later(move || status(state.clone(), on_sign_in)),
    };
    view! { <section class="auth-state" aria-label="Sign-in status" aria-live="polite">{view_state}</section> }
}

fn view_signed_out(reason: &SignedOutReason, on_sign_in: Callback<()>) -> AnyView {
    let auth = use_auth();
    if let SignedOutReason::Failed(error) = reason {
        let on_retry = Callback::new(move |()| auth.retry());
        let message = describe(error, &message_context(auth));
        return view! { <Notice message on_sign_in on_retry/> }.into_any();
    }
    // A view that changes with the account.
    let reason = reason.clone();
    let status = move || {
        if let Some(account) = auth.account() {
            return view! { <p>"You are signed in with the account "<strong>{account.name}</strong>"."</p> }
                .into_any();
        }
        let text = describe_signed_out(&reason, auth.config().session.idle_limit);
        view! { <p>{text}</p> }.into_any()
    };
    status.into_any()
}

/// The record of the signed-in user, requested again for another user.
#[component]
fn RecordOfUser(route: Route, on_sign_in: Callback<()>) -> impl IntoView {
    let state = use_auth().state();
    move || {
        let route = route.clone();
        matches!(state.get(), AuthState::SignedIn(_))
            .then(|| view_later(move || record(route.clone(), on_sign_in)))
    }
}

#[component]
fn UserCard(user: User) -> impl IntoView {
    let initial: String = user.name.chars().take(1).collect();
    view! {
        <div class="user-card">
            <span class="user-initial" aria-hidden="true">{initial}</span>
            <div>
                <p class="user-name">"You are signed in as "<strong>{user.name}</strong></p>
                <dl class="user-fields">
                    {user.email.map(|email| view! { <div><dt>"E-mail"</dt><dd>{email}</dd></div> })}
                    <div><dt>"User id"</dt><dd><code>{user.sub}</code></dd></div>
                </dl>
            </div>
        </div>
    }
}

#[component]
fn CallableRoute(route: Route, on_sign_in: Callback<()>) -> impl IntoView {
    let auth = use_auth();
    let state = RwSignal::new(CallState::Idle);
    let called = StoredValue::new(route.clone());
    let on_call = Callback::new(move |()| {
        state.set(CallState::Calling);
        spawn_local(async move {
            let result = call_route(auth, called.get_value()).await;
            let result = result.unwrap_or_else(|_| CallState::Failed(part_unavailable()));
            // The page may be gone by now.
            let _ = state.try_set(result);
        });
    });
    view! { <RouteCard id=slug(&route.name) route state on_call on_sign_in/> }
}

later! { pages:
    async fn status(state: AuthState, on_sign_in: Callback<()>) -> AnyView {
        match state {
            AuthState::SignedIn(user) => view! { <UserCard user/> }.into_any(),
            AuthState::SignedOut(reason) => view_signed_out(&reason, on_sign_in),
            AuthState::Restoring | AuthState::SigningIn => ().into_any(),
        }
    }

    async fn record(route: Route, on_sign_in: Callback<()>) -> AnyView {
        view! { <UserRecord route on_sign_in/> }.into_any()
    }

    async fn call_route(auth: Auth, route: Route) -> CallState {
        call(auth, route).await
    }
}

/// Calls a route and describes the result.
pub(super) async fn call(auth: Auth, route: Route) -> CallState {
    // Before the request: the handle may be gone after it.
    let context = call_context(auth);
    match auth.call(&route).await {
        Ok(answer) => {
            let now = velvet_rope::browser::device_now();
            let message = describe_refusal(&answer, &route, &context, now);
            CallState::Answered(answer, message)
        }
        Err(error) => CallState::Failed(describe_call_error(&error, &context)),
    }
}

fn message_context(auth: Auth) -> MessageContext {
    MessageContext::new(&auth.config(), &velvet_rope::browser::origin())
}

/// A route's name as the id of its card, for links such as `/#protected-route`.
fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let of_word = |character: char| character.is_ascii_alphanumeric() || !character.is_ascii();
    let words: Vec<&str> = lower
        .split(|character| !of_word(character))
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_card_is_the_name_of_its_route() {
        assert_eq!(slug("Protected route"), "protected-route");
        assert_eq!(slug("  /a & B! "), "a-b");
    }
}
