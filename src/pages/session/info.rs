//! What is known of the session, as it changes. Each value is a text of its own: when a token is renewed or a
//! second passes, only the texts that say something else now are touched.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::local_time;
use crate::components::ticking::every_second;
use crate::messages::{Fact, Known, MessageContext, describe_claim, describe_event};
use velvet_rope::{Auth, SessionInfo, use_auth};

/// What the values are read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) auth: Auth,
    pub(super) facts: Memo<Option<SessionInfo>>,
    tabs: RwSignal<usize>,
    second: Trigger,
}

impl Live {
    pub(super) fn new(auth: Auth) -> Self {
        let facts = Memo::new(move |_| auth.session_info());
        let tabs = RwSignal::new(0);
        let second = every_second();
        // Tabs come and go without a word.
        Effect::new(move |_| {
            second.track();
            spawn_local(async move {
                let count = auth.tab_count().await;
                if tabs
                    .try_get_untracked()
                    .is_some_and(|before| before != count)
                {
                    tabs.set(count);
                }
            });
        });
        Self {
            auth,
            facts,
            tabs,
            second,
        }
    }

    fn text(self, fact: Fact) -> String {
        self.second.track();
        let config = self.auth.config();
        let offset_seconds = self
            .auth
            .status()
            .with(|status| status.clock_offset_seconds);
        self.facts.with(|facts| {
            let Some(facts) = facts else {
                return String::new();
            };
            (fact.1)(&Known {
                facts,
                issuer: &config.provider.issuer,
                policy: config.session,
                tabs: self.tabs.get(),
                offset_seconds,
                now: self.auth.now(),
                clock: local_time,
            })
        })
    }
}

/// Names and values.
#[component]
pub(super) fn FactList(facts: &'static [Fact], live: Live) -> impl IntoView {
    let row = move |fact: Fact| {
        view! { <div><dt>{fact.0}</dt><dd>{move || live.text(fact)}</dd></div> }
    };
    let rows: Vec<_> = facts.iter().copied().map(row).collect();
    view! { <dl class="facts">{rows}</dl> }
}

/// Every claim.
#[component]
pub(super) fn Claims(live: Live) -> impl IntoView {
    let rows = move || {
        let row = |(name, value): &(String, String)| {
            let value = describe_claim(name, value, local_time);
            view! { <tr><th scope="row">{name.clone()}</th><td>{value}</td></tr> }
        };
        live.facts.with(|facts| {
            let claims = facts.iter().flat_map(|facts| &facts.claims);
            claims.map(row).collect::<Vec<_>>()
        })
    };
    view! {
        <table class="claims" aria-labelledby="claims-heading">
            <thead><tr><th scope="col">"Claim"</th><th scope="col">"Value"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// What happened, the latest first.
#[component]
pub(super) fn Events() -> impl IntoView {
    let auth = use_auth();
    let events = auth.events();
    let setting = MessageContext::new(&auth.config(), &velvet_rope::browser::origin());
    let rows = move || {
        events.with(|events| {
            let latest_first = events.iter().rev();
            latest_first
                .map(|event| {
                    let words = describe_event(&event.kind, &setting, local_time);
                    view! { <li><span class="event-time">{local_time(event.at)}</span>" "{words}</li> }
                })
                .collect::<Vec<_>>()
        })
    };
    let none = move || events.with(Vec::is_empty);
    view! {
        <p class="empty" hidden=move || !none()>"Nothing has happened since this page was opened."</p>
        <ol class="events" hidden=none>{rows}</ol>
    }
}
