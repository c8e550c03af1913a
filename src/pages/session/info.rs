//! The values of the session. Each value is a separate text node: after a renewal or a second, only the texts that changed
//! are updated.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::local_time;
use crate::components::ticking::every_second;
use crate::messages::{Field, FieldContext, MessageContext, describe_claim, describe_event};
use velvet_rope::{Auth, SessionInfo, use_auth};

/// The sources of the values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) auth: Auth,
    pub(super) session: Memo<Option<SessionInfo>>,
    tabs: RwSignal<usize>,
    second: Trigger,
}

impl Live {
    pub(super) fn new(auth: Auth) -> Self {
        let session = Memo::new(move |_| auth.session_info());
        let tabs = RwSignal::new(0);
        let second = every_second();
        // Other tabs open and close without a message.
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
            session,
            tabs,
            second,
        }
    }

    fn text(self, field: Field) -> String {
        self.second.track();
        let config = self.auth.config();
        let offset_seconds = self
            .auth
            .status()
            .with(|status| status.clock_offset_seconds);
        self.session.with(|session| {
            let Some(session) = session else {
                return String::new();
            };
            (field.1)(&FieldContext {
                session,
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
pub(super) fn FieldList(fields: &'static [Field], live: Live) -> impl IntoView {
    let row = move |field: Field| {
        view! { <div><dt>{field.0}</dt><dd>{move || live.text(field)}</dd></div> }
    };
    let rows: Vec<_> = fields.iter().copied().map(row).collect();
    view! { <dl class="fields">{rows}</dl> }
}

/// Every claim.
#[component]
pub(super) fn Claims(live: Live) -> impl IntoView {
    let rows = move || {
        let row = |(name, value): &(String, String)| {
            let value = describe_claim(name, value, local_time);
            view! { <tr><th scope="row">{name.clone()}</th><td>{value}</td></tr> }
        };
        live.session.with(|session| {
            let claims = session.iter().flat_map(|session| &session.claims);
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

/// The events, the latest first.
#[component]
pub(super) fn Events() -> impl IntoView {
    let auth = use_auth();
    let events = auth.events();
    let context = MessageContext::new(&auth.config(), &velvet_rope::browser::origin());
    let rows = move || {
        events.with(|events| {
            let latest_first = events.iter().rev();
            latest_first
                .map(|event| {
                    let text = describe_event(&event.kind, &context, local_time);
                    view! { <li><span class="event-time">{local_time(event.at)}</span>" "{text}</li> }
                })
                .collect::<Vec<_>>()
        })
    };
    let none = move || events.with(Vec::is_empty);
    view! {
        <p class="empty" hidden=move || !none()>"No events since this page was loaded."</p>
        <ol class="events" hidden=none>{rows}</ol>
    }
}
