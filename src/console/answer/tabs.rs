//! Tabs, of which one is shown (ARIA Authoring Practices Guide, "Tabs").

use leptos::prelude::*;

use crate::browser::page;

/// One tab: its label, and what it shows.
pub(super) struct Tab {
    pub(super) label: &'static str,
    pub(super) content: Box<dyn Fn() -> AnyView + Send + Sync>,
}

impl Tab {
    pub(super) fn new(
        label: &'static str,
        content: impl Fn() -> AnyView + Send + Sync + 'static,
    ) -> Self {
        Self {
            label,
            content: Box::new(content),
        }
    }
}

/// Shows the tabs. `id` begins the ids of the elements, `selected` is the position of the tab that is shown; a greater
/// number shows the first.
pub(super) fn view_tabs(
    id: &'static str,
    label: &'static str,
    selected: RwSignal<usize>,
    tabs: Vec<Tab>,
) -> AnyView {
    let count = tabs.len();
    let shown = move || match selected.get() {
        at if at < count => at,
        _ => 0,
    };
    let tab_id = move |at: usize| [id, "-tab-", &at.to_string()].concat();
    let panel = [id, "-panel"].concat();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let at = untrack(shown);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        selected.set(next);
        page::focus(&tab_id(next));
    };
    let buttons = tabs.iter().enumerate().map(|(at, tab)| {
        let is_shown = move || shown() == at;
        view! {
            <button
                type="button" role="tab" class="tab" id=tab_id(at) aria-controls=panel.clone()
                aria-selected=move || is_shown().to_string()
                tabindex=move || if is_shown() { "0" } else { "-1" }
                on:click=move |_| selected.set(at)
            >
                {tab.label}
            </button>
        }
    });
    let buttons = buttons.collect_view();
    let content = move || tabs.get(shown()).map(|tab| (tab.content)());
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_key>{buttons}</div>
        <div class="tab-panel" role="tabpanel" id=panel.clone() aria-labelledby=move || tab_id(shown())>
            {content}
        </div>
    }
    .into_any()
}
