//! What happened, for those who listen and for those who read the log.

use std::rc::Rc;

use leptos::prelude::*;

use super::{Auth, Watched};
use crate::session::event::Event;

/// How many events are remembered.
const REMEMBERED: usize = 50;

pub(super) type Listener = Rc<dyn Fn(&Event)>;

impl Auth {
    /// Calls `listener` with every event from now on, and at once with the last one that was: whoever comes late
    /// misses nothing that still holds. Listeners last as long as [`Auth`] does.
    ///
    /// ```
    /// use velvet_rope::auth::Auth;
    /// use velvet_rope::session::event::EventKind;
    ///
    /// fn greet(auth: Auth) {
    ///     auth.on_event(|event| {
    ///         if let EventKind::SignedIn(user) = &event.kind {
    ///             leptos::logging::log!("hello, {}", user.name);
    ///         }
    ///     });
    /// }
    /// ```
    pub fn on_event(self, listener: impl Fn(&Event) + 'static) {
        let last = self.events.with_untracked(|events| events.last().cloned());
        if let Some(last) = last {
            listener(&last);
        }
        let shared = self.shared();
        shared.listeners.borrow_mut().push(Rc::new(listener));
    }

    /// The last events, oldest first, at most fifty.
    #[must_use]
    pub fn events(self) -> Watched<Vec<Event>> {
        self.events
    }

    pub(super) fn record(self, event: &Event) {
        self.events.update(|events| {
            if events.len() == REMEMBERED {
                events.remove(0);
            }
            events.push(event.clone());
        });
        self.note(event);
        // A listener may add another one.
        if let Some(shared) = self.shared.try_get_value() {
            let listeners = shared.listeners.borrow().clone();
            for listener in listeners {
                listener(event);
            }
        }
    }
}
