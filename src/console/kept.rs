//! What the tab keeps of the console while it shows another page: in memory only, and the answers for one user only.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;

use super::exchange::Exchange;
use super::import::Opening;
use velvet_rope::{Auth, EventKind};

/// Older requests are dropped: their answers take memory as long as the tab is open.
const MOST: usize = 100;

thread_local! {
    static KEPT: OnceCell<Kept> = const { OnceCell::new() };
}

/// The values, reference-counted: no page owns them.
#[derive(Clone)]
pub(super) struct Kept {
    /// The requests, oldest first.
    pub(super) exchanges: ArcRwSignal<Vec<Exchange>>,
    /// Which of them is shown.
    pub(super) shown: ArcRwSignal<Option<u32>>,
    /// The API description.
    pub(super) opening: ArcRwSignal<Opening>,
}

impl Kept {
    /// The values of this tab.
    pub(super) fn of_tab(auth: Auth) -> Self {
        KEPT.with(|kept| kept.get_or_init(|| Self::new(auth)).clone())
    }

    fn new(auth: Auth) -> Self {
        let kept = Self {
            exchanges: ArcRwSignal::new(Vec::new()),
            shown: ArcRwSignal::new(None),
            opening: ArcRwSignal::new(Opening::None),
        };
        let user = untrack(|| auth.session_info()).map(|session| session.user.sub);
        let user = Rc::new(RefCell::new(user));
        let of_user = kept.clone();
        auth.on_event(move |event| {
            let now = match &event.kind {
                EventKind::SignedIn(user) => Some(user.sub.clone()),
                EventKind::SignedOut(_) => None,
                _ => return,
            };
            let before = user.replace(now);
            if before.is_some() && before != *user.borrow() {
                of_user.shown.set(None);
                of_user.exchanges.set(Vec::new());
            }
        });
        kept
    }
}

/// Adds a request, with the next number, which is returned.
pub(super) fn add(
    exchanges: RwSignal<Vec<Exchange>>,
    exchange: impl FnOnce(u32) -> Exchange,
) -> u32 {
    let id = exchanges.with_untracked(|all| all.last().map_or(1, |last| last.id + 1));
    let exchange = exchange(id);
    exchanges.update(|all| {
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(exchange);
    });
    id
}
