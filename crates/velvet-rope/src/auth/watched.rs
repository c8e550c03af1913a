//! What [`Auth`](super::Auth) hands out for reading. All of it lives in one place, and each value has a trigger of
//! its own: signals of the framework's own kind would cost every visitor some kilobytes for each type they hold.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use super::BrowserClient;
use super::callback::CallbackOutcome;
use super::events::Listener;
use super::heartbeat::Status;
use crate::session::event::Event;
use crate::session::state::AuthState;

/// What one page knows.
pub(super) struct Shared {
    pub(super) client: BrowserClient,
    pub(super) who: RefCell<AuthState>,
    pub(super) callback: RefCell<CallbackOutcome>,
    pub(super) status: RefCell<Status>,
    pub(super) events: RefCell<Vec<Event>>,
    pub(super) listeners: RefCell<Vec<Listener>>,
}

impl Shared {
    pub(super) fn new(client: BrowserClient) -> Self {
        Self {
            client,
            who: RefCell::new(AuthState::Restoring),
            callback: RefCell::new(CallbackOutcome::None),
            status: RefCell::default(),
            events: RefCell::default(),
            listeners: RefCell::default(),
        }
    }
}

/// A value that views follow: whoever reads it in a view or an effect is woken up when it changes, and only then.
pub struct Watched<T: 'static> {
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    cell: fn(&Shared) -> &RefCell<T>,
    changed: Trigger,
}

impl<T> Watched<T> {
    pub(super) fn new(
        shared: StoredValue<Rc<Shared>, LocalStorage>,
        cell: fn(&Shared) -> &RefCell<T>,
    ) -> Self {
        Self {
            shared,
            cell,
            changed: Trigger::new(),
        }
    }

    /// Wakes the reader up when the value changes.
    pub fn track(self) {
        self.changed.track();
    }

    /// Reads the value.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.track();
        self.with_untracked(read)
    }

    /// Reads the value this once.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        let shared = self.shared.get_value();
        read(&(self.cell)(&shared).borrow())
    }

    /// Changes the value. Nobody is woken up by one that says what it said before, nor when all are gone.
    pub(super) fn update(self, change: impl FnOnce(&mut T))
    where
        T: Clone + PartialEq,
    {
        let Some(shared) = self.shared.try_get_value() else {
            return;
        };
        let mut value = (self.cell)(&shared).borrow().clone();
        change(&mut value);
        if *(self.cell)(&shared).borrow() != value {
            (self.cell)(&shared).replace(value);
            self.changed.notify();
        }
    }
}

impl<T: Clone> Watched<T> {
    /// A copy of the value.
    #[must_use]
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// A copy of the value as it is this once.
    #[must_use]
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Watched<T> {}

impl<T> std::fmt::Debug for Watched<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Watched")
    }
}
