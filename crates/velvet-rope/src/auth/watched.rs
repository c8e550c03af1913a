//! The values that [`Auth`](super::Auth) offers for reading. They are stored in one place, each with its own trigger:
//! signals of Leptos would add some kilobytes to the bundle for each type.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use super::Status;
use super::events::Listener;
use crate::client::{BrowserClient, CallbackOutcome};
use crate::session::event::Event;
use crate::session::state::AuthState;

/// The client of the page, and the values that views read.
/// [`provide_auth`](super::provide_auth) creates it once.
pub(super) struct Shared {
    pub(super) client: Rc<BrowserClient>,
    pub(super) state: RefCell<AuthState>,
    pub(super) callback: RefCell<CallbackOutcome>,
    pub(super) status: RefCell<Status>,
    pub(super) signing_out: RefCell<bool>,
    pub(super) events: RefCell<Vec<Event>>,
    pub(super) listeners: RefCell<Vec<Listener>>,
}

impl Shared {
    /// The values before the client has reported anything.
    pub(super) fn new(client: Rc<BrowserClient>) -> Self {
        Self {
            client,
            state: RefCell::new(AuthState::Restoring),
            callback: RefCell::new(CallbackOutcome::None),
            status: RefCell::default(),
            signing_out: RefCell::default(),
            events: RefCell::default(),
            listeners: RefCell::default(),
        }
    }
}

/// A reactive value. A view or an effect that reads it runs again when the value changes, and only then.
///
/// [`Auth`](super::Auth) has one for each value that views read; the library alone changes them. It is `Copy`: move it
/// into any closure. It offers the reading half of the interface of a Leptos signal.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{AuthState, use_auth};
///
/// #[component]
/// fn Greeting() -> impl IntoView {
///     let state = use_auth().state();
///     move || match state.get() {
///         AuthState::SignedIn(user) => ["Hello, ", &user.name].concat(),
///         _ => "Hello".to_owned(),
///     }
/// }
/// ```
pub struct Watched<T: 'static> {
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    /// Selects the value among those of [`Shared`].
    cell: fn(&Shared) -> &RefCell<T>,
    /// Notified after the value has changed to a different one.
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

    /// Subscribes to the value without reading it.
    ///
    /// For an effect that only has to run again.
    pub fn track(self) {
        self.changed.track();
    }

    /// Reads the value.
    ///
    /// It subscribes the running view or effect, and avoids the copy that [`get`](Watched::get) makes.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.track();
        self.with_untracked(read)
    }

    /// Reads the value without subscribing to it.
    ///
    /// For event handlers and futures. `read` must not change the auth state, for example by signing out.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        let shared = self.shared.get_value();
        read(&(self.cell)(&shared).borrow())
    }

    /// Changes the value. An equal value notifies no reader, and neither does a change after the component is gone.
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

impl<T> Watched<T> {
    /// Changes the value to a different one, without a copy and a comparison. `change` must not read other values.
    pub(super) fn change(self, change: impl FnOnce(&mut T)) {
        if let Some(shared) = self.shared.try_get_value() {
            change(&mut (self.cell)(&shared).borrow_mut());
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

    /// A copy of the value, without subscribing to it.
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
