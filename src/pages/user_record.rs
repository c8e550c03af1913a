//! The record that the backend has of the signed-in user.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::home::call;
use crate::components::action::button;
use crate::components::notice::Notice;
use crate::components::route_card::CallState;
use velvet_rope::{Answer, Auth, Route, use_auth};

/// The seconds between requests for a record that does not exist yet: a sign-up arrives through a queue. After the last
/// request there is a button.
const RETRY_SECONDS: [u64; 5] = [1, 2, 4, 8, 16];

/// The record, requested when the component appears.
#[component]
pub(super) fn UserRecord(
    /// The route of the record.
    route: Route,
    on_sign_in: Callback<()>,
) -> impl IntoView {
    let auth = use_auth();
    let state = RwSignal::new(CallState::Calling);
    let route = StoredValue::new(route);
    let on_look = Callback::new(move |()| {
        state.set(CallState::Calling);
        spawn_local(look_up(auth, route.get_value(), state));
    });
    on_look.run(());
    view! {
        <section class="record" aria-labelledby="record-heading">
            <h2 id="record-heading">"Your record"</h2>
            <div role="status">{move || view_state(state.get(), on_look, on_sign_in)}</div>
        </section>
    }
}

/// Requests the record, again while there is none, until the page is gone or the retries are used up.
async fn look_up(auth: Auth, route: Route, state: RwSignal<CallState>) {
    let mut waits = RETRY_SECONDS.iter();
    loop {
        let reached = call(auth, route.clone()).await;
        let missing =
            matches!(&reached, CallState::Answered(answer, _) if answer.status == NOT_FOUND);
        // The page may be gone by now.
        let gone = state.try_set(reached).is_some();
        match waits.next() {
            Some(seconds) if missing && !gone => {
                velvet_rope::browser::pause(Duration::from_secs(*seconds)).await;
            }
            _ => return,
        }
    }
}

const NOT_FOUND: u16 = 404;

fn view_state(state: CallState, on_look: Callback<()>, on_sign_in: Callback<()>) -> AnyView {
    match state {
        CallState::Idle | CallState::Calling => {
            view! { <p class="answer-waiting">"Looking up your record…"</p> }.into_any()
        }
        CallState::Answered(answer, _) if answer.status == NOT_FOUND => view! {
            <p>"There is no record of you yet. It takes a moment to arrive after the sign-up."</p>
            <p class="actions">{button("Look again", on_look)}</p>
        }
        .into_any(),
        CallState::Answered(_, Some(message)) | CallState::Failed(message) => {
            view! { <Notice message on_sign_in on_retry=on_look/> }.into_any()
        }
        CallState::Answered(answer, None) => view_record(&answer),
    }
}

fn view_record(answer: &Answer) -> AnyView {
    let members = answer.texts().into_iter().map(|(key, value)| {
        view! { <div><dt>{name(&key)}</dt><dd><code>{value}</code></dd></div> }
    });
    view! { <dl class="user-fields">{members.collect_view()}</dl> }.into_any()
}

/// The label of a member of the record.
fn name(key: &str) -> String {
    let words = match key {
        "email" => "E-mail",
        "username" => "User name",
        "user_id" => "User id",
        other => other,
    };
    words.to_owned()
}
