//! The tree on the page: only the rows that are in sight are in the document.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::find::Search;
use super::index::{Indexer, Kind, Progress};
use super::tree::{Row, Tree};
use crate::components::copy::copy_button;
use crate::console::row_window::RowWindow;
use velvet_rope::browser::pause;

/// The height of a row in CSS pixels, as `style/json.css` says.
const ROW: i32 = 24;
/// Bytes that are read before the browser may do something else: some milliseconds.
const STEP: usize = 128 << 10;
/// Values that are searched before the browser may do something else.
const SEARCH_STEP: usize = 10_000;
/// The id of the element that scrolls.
const ID: &str = "json-tree";

/// How far the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Read,
    Invalid(usize),
}

/// The signals of a tree. All of it is gone with the view.
#[derive(Clone, Copy)]
struct Shown {
    text: StoredValue<String, LocalStorage>,
    tree: StoredValue<Option<Tree>, LocalStorage>,
    state: RwSignal<State>,
    /// Notified when other rows are to be shown.
    changed: Trigger,
    window: RowWindow,
    selected: RwSignal<u32>,
    /// The nodes that the search found, and which of them is selected.
    found: RwSignal<Vec<u32>>,
    /// Raised by each search, so that an older one ends.
    search: StoredValue<u32>,
}

/// Shows a JSON text as a tree.
pub(in crate::console::answer) fn view_json(text: String) -> AnyView {
    let shown = Shown {
        text: StoredValue::new_local(text),
        tree: StoredValue::new_local(None),
        state: RwSignal::new(State::Reading),
        changed: Trigger::new(),
        window: RowWindow::new(ID, ROW),
        selected: RwSignal::new(0),
        found: RwSignal::new(Vec::new()),
        search: StoredValue::new(0),
    };
    spawn_local(shown.read());
    let view = move || match shown.state.get() {
        State::Reading => view! { <p class="answer-waiting">"Reading the answer…"</p> }.into_any(),
        State::Invalid(at) => view_invalid(shown, at),
        State::Read => view! {
            {view_bar(shown)}
            {view_rows(shown)}
            {move || view_selected(shown)}
        }
        .into_any(),
    };
    view! { <div class="json">{view}</div> }.into_any()
}

impl Shown {
    async fn read(self) {
        let mut indexer = Indexer::new();
        loop {
            let step = self.text.try_with_value(|text| indexer.step(text, STEP));
            let state = match step {
                // The view is gone.
                None => return,
                Some(Progress::Working) => {
                    pause(Duration::ZERO).await;
                    continue;
                }
                Some(Progress::Done) => State::Read,
                Some(Progress::Invalid(at)) => State::Invalid(at),
            };
            self.tree
                .try_set_value(Some(Tree::new(indexer.into_nodes())));
            self.state.try_set(state);
            return;
        }
    }

    fn with_tree<R>(self, of: impl FnOnce(&Tree, &str) -> R) -> Option<R> {
        self.text
            .try_with_value(|text| {
                self.tree
                    .try_with_value(|tree| tree.as_ref().map(|tree| of(tree, text)))
            })
            .flatten()
            .flatten()
    }

    fn change(self, change: impl FnOnce(&mut Tree)) {
        self.tree.try_update_value(|tree| tree.as_mut().map(change));
        self.changed.notify();
    }

    fn toggle(self, node: u32) {
        let is_open = self.with_tree(|tree, _| tree.is_open(node)).flatten();
        if let Some(is_open) = is_open {
            self.change(|tree| tree.set_open(node, !is_open));
        }
    }

    /// Selects a node and brings its row into sight.
    fn select(self, node: u32) {
        self.selected.set(node);
        if let Some(row) = self.with_tree(|tree, _| tree.row_of(node)).flatten() {
            self.window.show(row);
        }
    }

    fn on_key(self, event: &leptos::ev::KeyboardEvent) {
        let node = self.selected.get_untracked();
        let moved = self.with_tree(|tree, _| {
            let row = tree.row_of(node).unwrap_or_default();
            let parent = tree.node(node).map(|node| node.parent);
            match event.key().as_str() {
                "ArrowDown" => tree.node_at(row + 1),
                "ArrowUp" => tree.node_at(row.saturating_sub(1)),
                "Home" => tree.node_at(0),
                "End" => tree.node_at(usize::MAX),
                "ArrowRight" if tree.is_open(node) == Some(true) => tree.node_at(row + 1),
                "ArrowLeft" if tree.is_open(node) != Some(true) => parent,
                "ArrowRight" | "ArrowLeft" | "Enter" | " " => Some(node),
                _ => None,
            }
        });
        let Some(moved) = moved.flatten() else {
            return;
        };
        event.prevent_default();
        if moved == node
            && !matches!(
                event.key().as_str(),
                "ArrowDown" | "ArrowUp" | "Home" | "End"
            )
        {
            self.toggle(node);
        } else {
            self.select(moved);
        }
    }

    fn on_search(self, wanted: &str) {
        let mut search = Search::new(wanted);
        let number = self.search.try_update_value(|number| {
            *number += 1;
            *number
        });
        spawn_local(async move {
            loop {
                let more = self.with_tree(|tree, text| tree.step(&mut search, text, SEARCH_STEP));
                if self.search.try_get_value() != number {
                    return;
                }
                match more {
                    None => return,
                    Some(true) => pause(Duration::ZERO).await,
                    Some(false) => break,
                }
            }
            let found = search.into_found();
            let first = found.first().copied();
            self.found.try_set(found);
            if let Some(first) = first {
                self.reveal(first);
            }
            self.changed.notify();
        });
    }

    fn reveal(self, node: u32) {
        self.change(|tree| tree.reveal(node));
        self.select(node);
    }

    /// Selects the result behind the selected one, or the one before it; after the last one the first.
    fn next_found(self, forward: bool) {
        let selected = self.selected.get_untracked();
        let next = self.found.with_untracked(|found| {
            let after = found.partition_point(|&node| node <= selected);
            let before = found.partition_point(|&node| node < selected);
            if forward {
                found.get(after).or(found.first()).copied()
            } else {
                before
                    .checked_sub(1)
                    .and_then(|at| found.get(at))
                    .or(found.last())
                    .copied()
            }
        });
        if let Some(next) = next {
            self.reveal(next);
        }
    }
}

fn view_invalid(shown: Shown, at: usize) -> AnyView {
    let place = shown.text.try_with_value(|text| {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        format!("line {line}, column {column}")
    });
    view! {
        <p class="answer-hint">"The body is not valid JSON: see "{place}". Choose “Raw” to read it."</p>
    }
    .into_any()
}

fn view_bar(shown: Shown) -> AnyView {
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            shown.next_found(!event.shift_key());
        }
    };
    let wanted = RwSignal::new(String::new());
    let on_input = move |event| {
        wanted.set(event_target_value(&event));
        shown.on_search(&wanted.get_untracked());
    };
    let count = move || {
        let (found, selected) = (shown.found, shown.selected.get());
        found.with(|found| match found.binary_search(&selected) {
            _ if wanted.with(|wanted| wanted.trim().is_empty()) => String::new(),
            _ if found.is_empty() => "No match".to_owned(),
            Ok(at) => format!("{} of {}", at + 1, found.len()),
            Err(_) if found.len() == 1 => "1 match".to_owned(),
            Err(_) => format!("{} matches", found.len()),
        })
    };
    let step = move |label: &'static str, text: &'static str, forward: bool| {
        view! {
            <button type="button" class="tool" aria-label=label title=label on:click=move |_| shown.next_found(forward)>{text}</button>
        }
    };
    let fold = move |label: &'static str, is_open: bool| {
        let on_press = move |_| shown.change(|tree| tree.set_all_open(is_open));
        view! { <button type="button" class="tool" on:click=on_press>{label}</button> }
    };
    view! {
        <div class="json-bar">
            <input
                type="search" class="json-search" placeholder="Search names and values" aria-label="Search the answer"
                autocomplete="off" spellcheck="false" on:input=on_input on:keydown=on_key
            />
            {step("Previous match", "↑", false)}
            {step("Next match", "↓", true)}
            <span class="json-matches" role="status">{count}</span>
            <span class="json-folds">{fold("Expand all", true)}{fold("Collapse all", false)}</span>
        </div>
    }
    .into_any()
}

fn view_rows(shown: Shown) -> AnyView {
    let height = move || {
        shown.changed.track();
        let rows = shown.with_tree(|tree, _| tree.len()).unwrap_or_default();
        shown.window.height_of(rows)
    };
    let rows = move || {
        shown.changed.track();
        let (first, count) = shown.window.shown();
        let rows = shown.with_tree(|tree, text| tree.rows(text, first, count));
        let rows = rows.unwrap_or_default().into_iter().enumerate();
        rows.map(|(at, row)| view_row(shown, first + at, row))
            .collect_view()
    };
    view! {
        <div
            class="json-tree" id=ID role="tree" tabindex="0" aria-label="Answer as a tree"
            aria-activedescendant=move || row_id(shown.selected.get())
            on:scroll=move |_| shown.window.on_scroll()
            on:keydown=move |event| shown.on_key(&event)
        >
            <div class="json-rows" role="none" style:height=height>{rows}</div>
        </div>
    }
    .into_any()
}

fn row_id(node: u32) -> String {
    ["json-row-", &node.to_string()].concat()
}

fn view_row(shown: Shown, position: usize, row: Row) -> AnyView {
    let node = row.node;
    let top = shown.window.height_of(position);
    let on_click = move |_| {
        shown.selected.set(node);
        shown.toggle(node);
    };
    let mark = match row.is_open {
        Some(true) => "▾",
        Some(false) => "▸",
        None => "",
    };
    let kind = match row.kind {
        Kind::Object | Kind::Array => "json-count",
        Kind::Text => "json-text",
        Kind::Plain => "json-plain",
    };
    let is_found = move || shown.found.with(|found| found.binary_search(&node).is_ok());
    let separator = if row.name.is_empty() { "" } else { ": " };
    view! {
        <div
            role="treeitem" class="json-row" id=row_id(node)
            class:json-found=is_found
            attr:aria-level=(row.depth + 1).to_string()
            aria-expanded=row.is_open.map(|is_open| is_open.to_string())
            aria-selected=move || (shown.selected.get() == node).to_string()
            style:top=top
            style:padding-left=format!("{}px", row.depth.min(40) * 16 + 4)
            on:click=on_click
        >
            <span class="json-mark" aria-hidden="true">{mark}</span>
            <span class="json-name">{row.name}</span>{separator}<span class=kind>{row.value}</span>
        </div>
    }
    .into_any()
}

/// The path and the whole value of the selected row.
fn view_selected(shown: Shown) -> Option<AnyView> {
    let node = shown.selected.get();
    let path = shown.with_tree(|tree, text| tree.path(text, node))?;
    let copy = move |label: &'static str, of: fn(&Tree, &str, u32) -> String| {
        let text = move || shown.with_tree(|tree, text| of(tree, text, node));
        copy_button("tool", label, move || text().unwrap_or_default())
    };
    let view = view! {
        <p class="json-path">
            <code>{path}</code>
            {copy("Copy path", Tree::path)}
            {copy("Copy value", Tree::value)}
        </p>
    };
    Some(view.into_any())
}
