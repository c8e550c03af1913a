//! For parts of a page that may disappear: the keyboard continues at the main part, not at the top of the page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;

use crate::browser::page;

/// Shows `content`. If it has the focus when it disappears, the main part gets the focus.
pub(crate) fn keep_focus(content: AnyView) -> AnyView {
    let inside = Arc::new(AtomicBool::new(false));
    let note = move |inside: &Arc<AtomicBool>, now| {
        let inside = Arc::clone(inside);
        move |_| inside.store(now, Ordering::Relaxed)
    };
    let (comes, goes) = (note(&inside, true), note(&inside, false));
    on_cleanup(move || {
        if inside.load(Ordering::Relaxed) {
            page::focus("main");
        }
    });
    view! { <div class="frameless" on:focusin=comes on:focusout=goes>{content}</div> }.into_any()
}
