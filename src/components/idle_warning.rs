//! The warning that an idle session is about to end. It does not take the focus, and it stays for some seconds after
//! user activity: pressing one of its buttons is activity, too.

use std::time::Duration;

use leptos::prelude::*;

use super::action::button;
use super::keep_focus::keep_focus;
use super::sign_out::use_sign_out;
use super::ticking::every_second;
use crate::messages::read_aloud;
use velvet_rope::{AuthState, SignOutScope, Timestamp, use_auth};

/// How long it is still shown after user activity.
const LINGER: Duration = Duration::from_secs(5);

/// The content of the warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Warning {
    None,
    /// The session ends then, by this device's clock.
    Ends(Timestamp),
    /// The user was active, so the session continues.
    Stays,
}

/// The warning.
#[component]
pub(crate) fn IdleWarning() -> impl IntoView {
    let auth = use_auth();
    let warning = RwSignal::new(Warning::None);
    let hide = move || warning.set(Warning::None);
    let (status, state) = (auth.status(), auth.state());
    Effect::new(move |_| {
        let end = status.with(|status| status.idle_end);
        let signed_in = state.with(|state| matches!(state, AuthState::SignedIn(_)));
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
            let (visible, spoken) = texts(warning);
            let content = view! {
                <section class="idle" aria-label="Session about to end">
                    <p aria-hidden="true">{visible}</p>
                    <p class="visually-hidden" role="alert">{spoken}</p>
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

/// The visible text, which changes every second, and the text for screen readers, which changes rarely.
fn texts(
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
            " s because this page is idle.",
        ]
        .concat(),
        None => "You stay signed in.".to_owned(),
    };
    let spoken = move || left().map(|seconds| read_aloud(seconds, first));
    (move || text(left()), move || text(spoken()))
}
