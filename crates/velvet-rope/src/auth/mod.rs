//! The reactive handle [`Auth`] over the client of the page, and the components built on it.
//!
//! [`provide_auth`] creates the client of the page and copies what views read into reactive values. `session` alone
//! decides about tokens, storage and the other tabs; this module shows the result and starts the actions.
//!
//! A view subscribes to single values ([`Watched`]). A token renewal leaves the auth state unchanged, so the components
//! of a signed-in user are not created again each hour; [`Auth::session_info`] and the log of events change.
//!
//! No value that a view can read contains a token or an AWS secret key: the library adds them to requests itself.

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
/// [`provide_auth`] creates it, [`use_auth`] returns it. It is valid as long as the component that called
/// [`provide_auth`]. It has three groups of methods:
///
/// - to read and to subscribe: [`state`](Auth::state), [`status`](Auth::status), [`session_info`](Auth::session_info),
///   [`callback`](Auth::callback), [`events`](Auth::events), [`account`](Auth::account);
/// - to act: [`sign_in`](Auth::sign_in), [`sign_out`](Auth::sign_out), [`call`](Auth::call),
///   [`choose_role`](Auth::choose_role), [`renew`](Auth::renew) and others. Those that are no `async` functions start
///   the work and return; an error of them appears in [`status`](Auth::status) or in the state;
/// - to be notified: [`on_event`](Auth::on_event).
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
    /// The client, and the values behind the fields below. In local storage: the browser's types belong to one thread.
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    /// Notified of every change of the session, also of its tokens.
    session: Trigger,
    /// Set by the watcher of the client only.
    state: Watched<AuthState>,
    /// [`CallbackOutcome::None`] on every page but the callback page.
    callback: Watched<CallbackOutcome>,
    /// Changed by events, by the regular check and by actions that fail.
    status: Watched<Status>,
    /// From the call of [`Auth::sign_out`] until it returns, which is usually when the browser leaves the page.
    signing_out: Watched<bool>,
    /// The log; oldest first.
    events: Watched<Vec<Event>>,
}

/// Restores the session, or answers the callback if this page is one, and makes [`Auth`] available to all components
/// below. Call it once, in a component above the router. [`AuthProvider`] does so after loading the configuration.
///
/// It reads the address of the page: it removes `code` and `state` of a callback from the address bar and from the
/// history before a request is sent. A router that is created earlier would still see them.
///
/// A stored session with valid tokens is available when this function returns, without a request. In every other case
/// the state is [`AuthState::Restoring`] or [`AuthState::SigningIn`] first.
///
/// The regular checks that it starts end with the component that calls it.
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
/// Call it while a component is created, and move the value into closures: event handlers and futures run outside of
/// the component's context.
///
/// # Panics
/// Outside a component below [`provide_auth`] or [`AuthProvider`].
#[must_use]
pub fn use_auth() -> Auth {
    // An app that is split has no text for panics (`xtask/tools/wasm-bindgen/src/panics.rs`).
    #[cfg(feature = "split")]
    return use_context().unwrap_or_else(|| std::process::abort());
    #[cfg(not(feature = "split"))]
    expect_context()
}

impl Auth {
    /// The current auth state. Updates when the visible state changes; a renewed token does not trigger it.
    ///
    /// To show or hide parts of a view by it, use the guards [`SignedIn`], [`SignedOut`] and [`Restoring`].
    #[must_use]
    pub fn state(self) -> Watched<AuthState> {
        self.state
    }

    /// The result of the callback that this page load answered.
    ///
    /// [`CallbackPage`] reads it. An app that shows its own callback page goes to `return_to` when it is
    /// [`CallbackOutcome::Done`].
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
    ///
    /// `None` while no user is signed in, and while a tab without a stored session asks the other tabs. While stored
    /// tokens that have expired are renewed, it is that of the stored session.
    #[must_use]
    pub fn session_info(self) -> Option<SessionInfo> {
        self.session.track();
        self.events.track();
        self.shared().client.session_info()
    }

    /// The result of the last sign-out of this tab, until the next sign-in begins.
    ///
    /// It is stored in this tab, so the page that the provider returns to can show it.
    #[must_use]
    pub fn sign_out_report(self) -> Option<SignOutReport> {
        self.session.track();
        self.shared().client.sign_out_report()
    }

    /// The signed-in API-managed account. A view that reads it updates with every change.
    ///
    /// Such an account exists beside the session at the provider: a user can be signed in with both, with one or with
    /// neither. It belongs to this tab and is not shared with other tabs.
    #[must_use]
    pub fn account(self) -> Option<Account> {
        self.session.track();
        self.shared().client.account()
    }

    /// How many tabs share the session, including this one; 0 where the browser cannot count them.
    ///
    /// The number is of this moment and is not reactive: ask again to follow it.
    pub async fn tab_count(self) -> usize {
        self.shared().client.tab_count().await
    }

    /// The current time: this device's clock, corrected by the times in server answers.
    ///
    /// Use it to show how long tokens or credentials are still valid. It is not reactive; whole seconds, UTC.
    #[must_use]
    pub fn now(self) -> crate::time::Timestamp {
        self.shared().client.now()
    }

    /// The configuration.
    ///
    /// A copy of what [`provide_auth`] received. It does not change while the page is open.
    #[must_use]
    pub fn config(self) -> Config {
        self.shared().client.config().clone()
    }

    /// Panics after the component of [`provide_auth`] is gone. Code that can run later uses `try_get_value`.
    fn shared(self) -> Rc<Shared> {
        self.shared.get_value()
    }
}
