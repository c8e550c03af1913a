//! The warning that the session is about to end because nobody uses it. It takes no focus away, and it does not
//! go at once when somebody moves: pressing one of its buttons is moving, too.

use std::time::Duration;

use leptos::prelude::*;

use super::action::button;
use super::keep_focus::keep_focus;
use super::sign_out::use_sign_out;
use super::ticking::every_second;
use crate::messages::read_aloud;
use velvet_rope::{AuthState, SignOutScope, Timestamp, use_auth};

/// How long it is still shown after somebody moved.
const LINGER: Duration = Duration::from_secs(5);

/// What the warning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Warning {
    None,
    /// The session ends then, by this device's clock.
    Ends(Timestamp),
    /// Somebody moved, so it does not.
    Stays,
}

/// The warning.
#[component]
pub(crate) fn IdleWarning() -> impl IntoView {
    let auth = use_auth();
    let warning = RwSignal::new(Warning::None);
    let hide = move || warning.set(Warning::None);
    let (status, who) = (auth.status(), auth.state());
    Effect::new(move |_| {
        let end = status.with(|status| status.idle_end);
        let signed_in = who.with(|who| matches!(who, AuthState::SignedIn(_)));
        let before = warning.get_untracked();
        match end.filter(|_| signed_in) {
            Some(end) if before != Warning::Ends(end) => warning.set(Warning::Ends(end)),
            None if !signed_in && before != Warning::None => hide(),
            None if matches!(before, Warning::Ends(_)) => {
                warning.set(Warning::Stays);
                set_timeout(
                    move || {
                        if warning.try_get_untracked() == Some(Warning::Stays) {
                            hide();
                        }
                    },
                    LINGER,
                );
            }
            _ => {}
        }
    });
    let on_stay = Callback::new(move |()| {
        auth.extend_session();
        hide();
    });
    let sign_out = use_sign_out();
    let on_sign_out = Callback::new(move |()| sign_out.run(SignOutScope::ThisApp));
    let shows = Memo::new(move |_| warning.with(|warning| *warning != Warning::None));
    move || {
        shows.get().then(|| {
            let (seen, heard) = words(warning);
            let content = view! {
                <section class="idle" aria-label="Session about to end">
                    <p aria-hidden="true">{seen}</p>
                    <p class="visually-hidden" role="alert">{heard}</p>
                    <p class="actions">
                        {button("Stay signed in", on_stay)}
                        {button("Sign out now", on_sign_out)}
                    </p>
                </section>
            };
            keep_focus(content.into_any())
        })
    }
}

/// What is seen, each second anew, and what is read aloud, seldom.
fn words(
    warning: RwSignal<Warning>,
) -> (
    impl Fn() -> String + Send + 'static,
    impl Fn() -> String + Send + 'static,
) {
    let tick = every_second();
    let left = move || {
        tick.track();
        match warning.get() {
            Warning::Ends(end) => Some(end.since(velvet_rope::browser::device_now()).as_secs()),
            Warning::Stays | Warning::None => None,
        }
    };
    let first = untrack(left).unwrap_or_default();
    let text = |seconds: Option<u64>| match seconds {
        Some(seconds) => [
            "You will be signed out in ",
            &seconds.to_string(),
            " s because nobody used this page.",
        ]
        .concat(),
        None => "You stay signed in.".to_owned(),
    };
    let heard = move || left().map(|seconds| read_aloud(seconds, first));
    (move || text(left()), move || text(heard()))
}
