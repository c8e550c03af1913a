//! What the backend keeps about whoever is signed in.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::home::call;
use crate::auth::use_auth;
use crate::config::{Route, RouteAuth};
use crate::gateway::answer::Answer;
use crate::http::Method;
use crate::ui::components::action::button;
use crate::ui::components::notice::Notice;
use crate::ui::components::route_card::CallState;
use crate::ui::messages::Setting;

/// How long to wait, in seconds, before a record that is not there yet is looked for again: a sign-up arrives by
/// way of a queue. After the last one it is left to a button.
const LOOK_AGAIN: [u64; 5] = [1, 2, 4, 8, 16];

/// The record, looked up by itself.
#[component]
pub(super) fn OwnRecord(
    /// Path of the route that answers it.
    path: String,
    setting: StoredValue<Setting>,
    on_sign_in: Callback<()>,
) -> impl IntoView {
    let auth = use_auth();
    let route = StoredValue::new(Route {
        name: "Your record".to_owned(),
        method: Method::Get,
        path,
        auth: RouteAuth::Iam,
    });
    let state = RwSignal::new(CallState::Calling);
    let look = move |attempt| {
        spawn_local(look_up(state, attempt, async move || {
            let route = route.try_get_value()?;
            Some(call(auth, route, setting).await)
        }));
    };
    look(0);
    let on_retry = Callback::new(move |()| {
        state.set(CallState::Calling);
        look(LOOK_AGAIN.len());
    });
    view! {
        <section class="record" aria-labelledby="record-heading">
            <h2 id="record-heading">"Your record"</h2>
            <div role="status">{move || view_state(state.get(), on_retry, on_sign_in)}</div>
        </section>
    }
}

/// Looks the record up; where there is none yet, again and again, until the page is gone or patience ends.
async fn look_up(
    state: RwSignal<CallState>,
    attempt: usize,
    ask: impl AsyncFn() -> Option<CallState> + 'static,
) {
    let Some(reached) = ask().await else {
        return;
    };
    let missing = matches!(&reached, CallState::Answered(answer, _) if answer.status == 404);
    // The page may be gone by now; then nobody waits for the record.
    if state.try_set(reached).is_some() {
        return;
    }
    if let Some(seconds) = LOOK_AGAIN.get(attempt).filter(|_| missing) {
        set_timeout(
            move || spawn_local(Box::pin(look_up(state, attempt + 1, ask))),
            Duration::from_secs(*seconds),
        );
    }
}

fn view_state(state: CallState, on_retry: Callback<()>, on_sign_in: Callback<()>) -> AnyView {
    match state {
        CallState::Idle | CallState::Calling => {
            view! { <p class="answer-waiting">"Looking up your record…"</p> }.into_any()
        }
        CallState::Answered(answer, _) if answer.status == 404 => view! {
            <p>"There is no record of you yet. It takes a moment to arrive after the sign-up."</p>
            {button("Look again", on_retry)}
        }
        .into_any(),
        CallState::Answered(_, Some(message)) | CallState::Failed(message) => {
            view! { <Notice message on_sign_in on_retry/> }.into_any()
        }
        CallState::Answered(answer, None) => view_record(&answer),
    }
}

fn view_record(answer: &Answer) -> AnyView {
    let facts = answer.texts().into_iter().map(|(key, value)| {
        view! { <div><dt>{name(&key)}</dt><dd><code>{value}</code></dd></div> }
    });
    view! { <dl class="person-facts">{facts.collect_view()}</dl> }.into_any()
}

/// A member of the record in words.
fn name(key: &str) -> String {
    match key {
        "email" => "E-mail".to_owned(),
        "username" => "User name".to_owned(),
        "user_id" => "User id".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_for_people() {
        assert_eq!(name("user_id"), "User id");
        assert_eq!(name("signed_up_at"), "signed up at");
    }
}
