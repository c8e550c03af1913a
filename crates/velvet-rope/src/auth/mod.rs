//! The reactive handle [`Auth`] over the client of the page, and the components built on it.

mod actions;
pub mod components;
mod events;
mod resource;
mod status;
mod watched;

use std::rc::Rc;

pub use components::{
    AuthProvider, CallbackPage, RequireAuth, Restoring, SignInButton, SignedIn, SignedOut,
    SignedOutPage, UserMenu, ViewOf, use_sign_out,
};
use leptos::prelude::*;
pub use resource::{GatewayResource, Loaded, gateway_resource};
pub use status::Status;
use watched::Shared;
pub use watched::Watched;

pub use crate::client::{CallbackOutcome, LoadError, load_config};

use crate::client::{self, browser_client};
use crate::config::Config;
use crate::session::SessionInfo;
use crate::session::accounts::Account;
use crate::session::event::{Change, Event};
use crate::session::sign_out::SignOutReport;
use crate::session::state::AuthState;

/// The session of the page: what the app may show of it, and the actions. It is `Copy`: move it into any closure.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{SignOutScope, use_auth};
///
/// #[component]
/// fn Account() -> impl IntoView {
///     let auth = use_auth();
///     let sign_out = Action::new_local(move |scope: &SignOutScope| auth.sign_out(*scope));
///     let email = move || auth.session_info().and_then(|session| session.user.email);
///     view! {
///         <p>{email}</p>
///         <button on:click=move |_| { sign_out.dispatch(SignOutScope::ThisApp); }>"Sign out"</button>
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    /// Notified of every change of the session, also of its tokens.
    session: Trigger,
    state: Watched<AuthState>,
    callback: Watched<CallbackOutcome>,
    status: Watched<Status>,
    signing_out: Watched<bool>,
    events: Watched<Vec<Event>>,
}

/// Restores the session, or answers the callback if this page is one, and makes [`Auth`] available to all components
/// below. Call it once, in a component above the router. [`AuthProvider`] does so after loading the configuration.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{Config, SignedIn, provide_auth};
///
/// #[component]
/// fn App(config: Config) -> impl IntoView {
///     provide_auth(config);
///     view! { <SignedIn>"Welcome back"</SignedIn> }
/// }
/// ```
pub fn provide_auth(config: Config) {
    let client = browser_client(config);
    let shared = StoredValue::new_local(Rc::new(Shared::new(Rc::clone(&client))));
    let auth = Auth {
        shared,
        session: Trigger::new(),
        state: Watched::new(shared, |shared| &shared.state),
        callback: Watched::new(shared, |shared| &shared.callback),
        status: Watched::new(shared, |shared| &shared.status),
        signing_out: Watched::new(shared, |shared| &shared.signing_out),
        events: Watched::new(shared, |shared| &shared.events),
    };
    client.watch(move |change| match change {
        Change::Session(session) => {
            let now = session.state();
            auth.state.update(|state| *state = now);
            auth.session.notify();
        }
        Change::Event(event) => auth.record(event),
    });
    provide_context(auth);
    client::open(&client, move |outcome| {
        auth.callback.update(|callback| *callback = outcome);
    });
    let offset = client.offset_seconds();
    auth.status
        .update(|status| status.clock_offset_seconds = offset);
    client::run(&client, move || auth.update_idle_end());
}

/// The [`Auth`] of [`provide_auth`].
///
/// # Panics
/// Outside a component below [`provide_auth`] or [`AuthProvider`].
#[must_use]
pub fn use_auth() -> Auth {
    expect_context()
}

impl Auth {
    /// The current auth state. Updates when the visible state changes; a renewed token does not trigger it.
    #[must_use]
    pub fn state(self) -> Watched<AuthState> {
        self.state
    }

    /// The result of the callback that this page load answered.
    #[must_use]
    pub fn callback(self) -> Watched<CallbackOutcome> {
        self.callback
    }

    /// What the app shows on every page: a failed renewal, an idle session that is about to end, a wrong clock.
    #[must_use]
    pub fn status(self) -> Watched<Status> {
        self.status
    }

    /// Whether a sign-out of this tab is in progress.
    #[must_use]
    pub fn signing_out(self) -> Watched<bool> {
        self.signing_out
    }

    /// The session without its secrets, if there is one. A view that reads it updates with every renewal.
    #[must_use]
    pub fn session_info(self) -> Option<SessionInfo> {
        self.session.track();
        self.events.track();
        self.shared().client.session_info()
    }

    /// The result of the last sign-out of this tab, until the next sign-in begins.
    #[must_use]
    pub fn sign_out_report(self) -> Option<SignOutReport> {
        self.session.track();
        self.shared().client.sign_out_report()
    }

    /// The signed-in API-managed account. A view that reads it updates with every change.
    #[must_use]
    pub fn account(self) -> Option<Account> {
        self.session.track();
        self.shared().client.account()
    }

    /// How many tabs share the session, including this one; 0 where the browser cannot count them.
    pub async fn tab_count(self) -> usize {
        self.shared().client.tab_count().await
    }

    /// The current time: this device's clock, corrected by the times in server answers.
    #[must_use]
    pub fn now(self) -> crate::time::Timestamp {
        self.shared().client.now()
    }

    /// The configuration.
    #[must_use]
    pub fn config(self) -> Config {
        self.shared().client.config().clone()
    }

    fn shared(self) -> Rc<Shared> {
        self.shared.get_value()
    }
}
