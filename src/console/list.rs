//! The list of operations: only the rows that are in sight are in the document.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::catalog::protection::Protection;
use super::catalog::{Catalog, Entry, Filter, Row, rows};
use super::form::method_class;
use super::percent::encode;
use super::row_window::RowWindow;
use crate::browser::page;
use crate::route::CONSOLE_PATH;
use velvet_rope::Method;

/// The height of a row in CSS pixels, as `style/console.css` says.
const ROW: i32 = 48;
/// The id of the element that scrolls.
const ID: &str = "operations";
/// The id of the search field.
const SEARCH: &str = "operation-search";

/// The signals of the list.
#[derive(Clone, Copy)]
struct List {
    catalog: Signal<Catalog>,
    filter: RwSignal<Filter>,
    closed: RwSignal<BTreeSet<String>>,
    rows: Memo<Vec<Row>>,
    window: RowWindow,
    /// The row that the keyboard is at.
    active: RwSignal<usize>,
}

/// The address of an operation.
pub(super) fn address(key: &str) -> String {
    [CONSOLE_PATH, "?operation=", &encode(key)].concat()
}

/// The list with its search. `selected` is the key of the operation that is shown.
#[component]
pub(super) fn OperationList(
    /// All operations.
    catalog: Signal<Catalog>,
    /// The key of the operation that is shown.
    selected: Signal<Option<String>>,
    /// Opens an operation.
    on_open: Callback<String>,
) -> impl IntoView {
    let (filter, closed) = (
        RwSignal::new(Filter::default()),
        RwSignal::new(BTreeSet::new()),
    );
    let list = List {
        catalog,
        filter,
        closed,
        rows: Memo::new(move |_| {
            catalog.with(|catalog| {
                filter.with(|filter| closed.with(|closed| rows(catalog, filter, closed)))
            })
        }),
        window: RowWindow::new(ID, ROW),
        active: RwSignal::new(0),
    };
    let on_slash = window_event_listener(leptos::ev::keydown, |event| {
        let is_typing = page::is_typing(&event);
        if event.key() == "/" && !is_typing && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            page::focus(SEARCH);
        }
    });
    on_cleanup(move || on_slash.remove());
    let height = move || list.window.height_of(list.rows.with(Vec::len));
    let in_sight = move || {
        let (first, count) = list.window.shown();
        list.rows.with(|rows| {
            let rows = rows.iter().enumerate().skip(first).take(count);
            let rows = rows.map(|(at, row)| view_row(list, at, row, selected, on_open));
            rows.collect_view()
        })
    };
    let count = move || {
        list.rows.with(|rows| {
            rows.iter()
                .filter(|row| matches!(row, Row::Entry(_)))
                .count()
        })
    };
    let empty = move || {
        let nothing = list.rows.with(Vec::is_empty);
        nothing.then(|| view! { <p class="empty">"No operation fits."</p> })
    };
    view! {
        {view_search(list)}
        <p class="visually-hidden" role="status">{count}" operations"</p>
        {empty}
        <div
            class="operations" id=ID role="tree" tabindex="0" aria-label="Operations"
            aria-activedescendant=move || row_id(list.active.get())
            on:scroll=move |_| list.window.on_scroll()
            on:keydown=move |event| list.on_key(&event, on_open)
        >
            <div class="operation-rows" role="none" style:height=height>{in_sight}</div>
        </div>
    }
}

impl List {
    fn on_key(self, event: &leptos::ev::KeyboardEvent, on_open: Callback<String>) {
        let (at, last) = (
            self.active.get_untracked(),
            self.rows.with_untracked(Vec::len).saturating_sub(1),
        );
        let row = self.rows.with_untracked(|rows| rows.get(at).cloned());
        let next = match event.key().as_str() {
            "ArrowDown" => (at + 1).min(last),
            "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                self.press(row, on_open);
                return;
            }
            "ArrowLeft" | "ArrowRight" => {
                if let Some(Row::Group { tag, is_open, .. }) = row
                    && is_open == (event.key() == "ArrowLeft")
                {
                    event.prevent_default();
                    self.toggle(&tag);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.active.set(next);
        self.window.show(next);
    }

    fn press(self, row: Option<Row>, on_open: Callback<String>) {
        match row {
            Some(Row::Group { tag, .. }) => self.toggle(&tag),
            Some(Row::Entry(at)) => {
                let key = self.catalog.with_untracked(|catalog| {
                    catalog.entries.get(at).map(|entry| entry.key.clone())
                });
                if let Some(key) = key {
                    on_open.run(key);
                }
            }
            None => {}
        }
    }

    fn toggle(self, tag: &str) {
        self.closed.update(|closed| {
            if !closed.remove(tag) {
                closed.insert(tag.to_owned());
            }
        });
    }

    fn change(self, change: impl FnOnce(&mut Filter)) {
        self.filter.update(change);
        self.active.set(0);
        self.window.reset();
    }
}

fn view_search(list: List) -> AnyView {
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "ArrowDown" {
            event.prevent_default();
            page::focus(ID);
        }
    };
    let methods = Method::ALL
        .map(|method| view! { <option value=method.as_str()>{method.as_str()}</option> });
    let protections =
        Protection::ALL.map(|kind| view! { <option value=kind.label()>{kind.label()}</option> });
    let on_method = move |event| {
        let chosen = event_target_value(&event);
        list.change(|filter| filter.method = (!chosen.is_empty()).then_some(chosen));
    };
    let on_protection = move |event| {
        let chosen = event_target_value(&event);
        let found = Protection::ALL
            .into_iter()
            .find(|kind| kind.label() == chosen);
        list.change(|filter| filter.protection = found);
    };
    view! {
        <div class="operation-search">
            <input
                type="search" id=SEARCH class="search" placeholder="Search operations ( / )" aria-label="Search operations"
                autocomplete="off" autocapitalize="none" spellcheck="false"
                on:input=move |event| list.change(|filter| filter.text = event_target_value(&event))
                on:keydown=on_key
            />
            <select class="filter" aria-label="Method" on:change=on_method>
                <option value="">"Any method"</option>
                {methods.collect_view()}
            </select>
            <select class="filter" aria-label="Protection" on:change=on_protection>
                <option value="">"Any protection"</option>
                {protections.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn row_id(at: usize) -> String {
    ["operation-", &at.to_string()].concat()
}

fn view_row(
    list: List,
    at: usize,
    row: &Row,
    selected: Signal<Option<String>>,
    on_open: Callback<String>,
) -> AnyView {
    let top = list.window.height_of(at);
    let is_active = move || list.active.get() == at;
    match row {
        Row::Group {
            tag,
            count,
            is_open,
        } => {
            let (name, is_open) = (tag.clone(), *is_open);
            let pressed = tag.clone();
            let on_click = move |_| {
                list.active.set(at);
                list.toggle(&pressed);
            };
            view! {
                <div
                    role="treeitem" class="operation-group" id=row_id(at) style:top=top
                    attr:aria-level="1" aria-expanded=is_open.to_string() aria-selected="false"
                    class:operation-active=is_active
                    on:click=on_click
                >
                    <span aria-hidden="true">{if is_open { "▾" } else { "▸" }}</span>
                    <span class="operation-tag">{name}</span>
                    <span class="operation-count">{*count}</span>
                </div>
            }
            .into_any()
        }
        Row::Entry(position) => {
            let entry = list
                .catalog
                .with_untracked(|catalog| catalog.entries.get(*position).cloned());
            entry.map_or_else(
                || ().into_any(),
                |entry| view_entry(list, at, entry, selected, on_open),
            )
        }
    }
}

fn view_entry(
    list: List,
    at: usize,
    entry: Entry,
    selected: Signal<Option<String>>,
    on_open: Callback<String>,
) -> AnyView {
    let Entry {
        key,
        method,
        path,
        title,
        protection,
        is_deprecated,
        ..
    } = entry;
    let top = list.window.height_of(at);
    let href = address(&key);
    let opened = key.clone();
    let is_selected = move || selected.with(|selected| selected.as_deref() == Some(&key));
    let on_click = move |event: leptos::ev::MouseEvent| {
        // The browser opens another tab by itself.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            list.active.set(at);
            on_open.run(opened.clone());
        }
    };
    let protection_class = if protection.is_guarded() {
        "operation-guarded"
    } else {
        "operation-open"
    };
    view! {
        <a
            role="treeitem" class="operation" id=row_id(at) href=href tabindex="-1" style:top=top
            attr:aria-level="2" aria-selected=move || is_selected().to_string()
            class:operation-active=move || list.active.get() == at
            on:click=on_click
        >
            <span class=method_class(method)>{method}</span>
            <span class="operation-text">
                <code class="operation-path" class:operation-deprecated=is_deprecated>{path}</code>
                <span class="operation-title">
                    {is_deprecated.then_some("Deprecated. ")}
                    {title}
                </span>
            </span>
            <span class=protection_class>{protection.label()}</span>
        </a>
    }
    .into_any()
}
