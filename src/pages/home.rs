//! Home: who you are, and the routes you may try.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::own_record::OwnRecord;
use crate::browser::page;
use crate::components::notice::Notice;
use crate::components::route_card::{CallState, RouteCard};
use crate::messages::{MessageContext, describe, describe_refusal, describe_signed_out};
use velvet_rope::{Auth, AuthState, Route, SignedOutReason, User, use_auth};

/// The page.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    page::set_title("Velvet Rope");
    let auth = use_auth();
    let config = auth.config();
    let routes = config.api.routes.clone();
    let empty = routes.is_empty();
    let setting = StoredValue::new(MessageContext::new(
        &config,
        &velvet_rope::browser::origin(),
    ));
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    view! {
        <h1>"Behind the velvet rope"</h1>
        <WhoYouAre setting on_sign_in/>
        {config.api.record.map(|route| view! { <RecordOfUser route setting on_sign_in/> })}
        <section aria-labelledby="routes-heading">
            <h2 id="routes-heading">"Routes"</h2>
            {empty.then(|| view! {
                <p class="empty">"No routes are configured yet. List them under "<code>"api.routes"</code>" in config.json."</p>
            })}
            <div class="cards">
                {routes.into_iter().map(|route| view! { <CallableRoute route setting on_sign_in/> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn WhoYouAre(setting: StoredValue<MessageContext>, on_sign_in: Callback<()>) -> impl IntoView {
    let auth = use_auth();
    let who = auth.state();
    let on_retry = Callback::new(move |()| auth.retry());
    let view_who = move || match who.get() {
        AuthState::Restoring => view! { <p>"Looking for your session…"</p> }.into_any(),
        AuthState::SigningIn => view! { <p>"Signing you in…"</p> }.into_any(),
        AuthState::SignedIn(user) => view! { <Person user/> }.into_any(),
        AuthState::SignedOut(SignedOutReason::Failed(error)) => {
            let message = setting.with_value(|setting| describe(&error, setting));
            view! { <Notice message on_sign_in on_retry/> }.into_any()
        }
        AuthState::SignedOut(reason) => {
            if let Some(account) = auth.account() {
                return view! { <p>"You are signed in with the account "<strong>{account.name}</strong>"."</p> }
                    .into_any();
            }
            let text = describe_signed_out(&reason, auth.config().session.idle_limit);
            view! { <p>{text}</p> }.into_any()
        }
    };
    view! { <section class="who" aria-label="Who you are" aria-live="polite">{view_who}</section> }
}

/// The record, as long as somebody is signed in; looked up anew for somebody else.
#[component]
fn RecordOfUser(
    route: Route,
    setting: StoredValue<MessageContext>,
    on_sign_in: Callback<()>,
) -> impl IntoView {
    let who = use_auth().state();
    move || {
        let route = route.clone();
        matches!(who.get(), AuthState::SignedIn(_))
            .then(|| view! { <OwnRecord route setting on_sign_in/> })
    }
}

#[component]
fn Person(user: User) -> impl IntoView {
    let initial: String = user.name.chars().take(1).collect();
    view! {
        <div class="person">
            <span class="person-initial" aria-hidden="true">{initial}</span>
            <div>
                <p class="person-name">"You are signed in as "<strong>{user.name}</strong></p>
                <dl class="person-facts">
                    {user.email.map(|email| view! { <div><dt>"E-mail"</dt><dd>{email}</dd></div> })}
                    <div><dt>"User id"</dt><dd><code>{user.sub}</code></dd></div>
                </dl>
            </div>
        </div>
    }
}

#[component]
fn CallableRoute(
    route: Route,
    setting: StoredValue<MessageContext>,
    on_sign_in: Callback<()>,
) -> impl IntoView {
    let auth = use_auth();
    let state = RwSignal::new(CallState::Idle);
    let called = StoredValue::new(route.clone());
    let on_call = Callback::new(move |()| {
        state.set(CallState::Calling);
        spawn_local(async move {
            let reached = call(auth, called.get_value(), setting).await;
            // The page may be gone by now; then nobody waits for the answer.
            let _ = state.try_set(reached);
        });
    });
    view! { <RouteCard id=slug(&route.name) route state on_call on_sign_in/> }
}

/// Calls a route and puts what came of it into words.
pub(super) async fn call(
    auth: Auth,
    route: Route,
    setting: StoredValue<MessageContext>,
) -> CallState {
    let outcome = auth.call(&route).await;
    let words = setting.try_with_value(|setting| match outcome {
        Ok(answer) => {
            let message = answer.refusal.as_ref().map(|refusal| {
                describe_refusal(refusal, &route, setting, velvet_rope::browser::device_now())
            });
            CallState::Answered(answer, message)
        }
        Err(error) => CallState::Failed(describe(&error, setting)),
    });
    words.unwrap_or(CallState::Idle)
}

/// A route's name as the id of its card, so that an address can point at it: `/#protected-route`.
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
    fn a_card_can_be_pointed_at_by_its_routes_name() {
        assert_eq!(slug("Protected route"), "protected-route");
        assert_eq!(slug("  /a & B! "), "a-b");
    }
}
