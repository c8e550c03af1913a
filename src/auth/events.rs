//! What happened, for those who listen and for those who read the log.

use std::rc::Rc;

use leptos::prelude::*;

use super::Auth;
use crate::session::event::Event;

/// How many events are remembered.
const REMEMBERED: usize = 50;

type Listener = Rc<dyn Fn(&Event)>;

pub(super) type Listeners = StoredValue<Vec<Listener>, LocalStorage>;

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
        self.listeners
            .update_value(|listeners| listeners.push(Rc::new(listener)));
    }

    /// The last events, oldest first, at most fifty.
    #[must_use]
    pub fn events(self) -> Signal<Vec<Event>> {
        self.events.into()
    }

    pub(super) fn record(self, event: &Event) {
        let _ = self.events.try_update(|events| {
            if events.len() == REMEMBERED {
                events.remove(0);
            }
            events.push(event.clone());
        });
        self.note(event);
        // A listener may add another one.
        let listeners = self.listeners.try_get_value().unwrap_or_default();
        for listener in listeners {
            listener(event);
        }
    }
}
