//! The events of the session: listeners, and a log of the last ones.
//!
//! A listener is the place for what is not a view: logging, analytics, a message to another part of the page. The app
//! must not log whole events to a server without a reason: [`Event`] contains no token, but name and e-mail address of
//! the user.

use std::rc::Rc;

use leptos::prelude::*;

use super::{Auth, Watched};
use crate::session::event::Event;

/// How many events the log has.
/// A session of eight hours with hourly renewals has about twenty.
const LOG_LENGTH: usize = 50;

/// Reference-counted, because the list is copied before the listeners are called.
pub(super) type Listener = Rc<dyn Fn(&Event)>;

impl Auth {
    /// Calls `listener` with every event from now on, and immediately with the last one, so that a late listener knows
    /// the current situation. Listeners last as long as [`Auth`] does.
    ///
    /// ```
    /// use velvet_rope::{Auth, EventKind};
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
    ///
    /// The log begins with the page load and is not stored.
    #[must_use]
    pub fn events(self) -> Watched<Vec<Event>> {
        self.events
    }

    /// Adds an event to the log, applies it to the status, then calls the listeners. After the component of
    /// [`provide_auth`](super::provide_auth) is gone it does nothing.
    pub(super) fn record(self, event: &Event) {
        self.events.change(|events| {
            if events.len() == LOG_LENGTH {
                events.remove(0);
            }
            events.push(event.clone());
        });
        self.update_status(event);
        // A listener may add another one.
        if let Some(shared) = self.shared.try_get_value() {
            let listeners = shared.listeners.borrow().clone();
            for listener in listeners {
                listener(event);
            }
        }
    }
}
