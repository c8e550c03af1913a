//! The root of an app.
//!
//! It loads the configuration before there is an [`Auth`](crate::Auth), because every part of the client depends on it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ViewOf;
use crate::auth::provide_auth;
use crate::client::{LoadError, load_config};
use crate::config::Config;

/// Loads `/config.json`, then makes [`Auth`](crate::Auth) available to its children. Put it above the router.
///
/// Until the configuration is there it shows `loading`, an element of class `auth-loading`; if it is missing or
/// invalid, `error`, an element of class `auth-error`.
///
/// It calls [`provide_auth`](crate::provide_auth) once, before its children are created. Children can therefore call
/// [`use_auth`](crate::use_auth) without a check.
///
/// The configuration is loaded once per page load. To try again after [`LoadError::Unreachable`] or
/// [`LoadError::PartUnavailable`], let the user reload the page; [`LoadError::Invalid`] needs a change of the file.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{AuthProvider, SignInButton, SignedOut, UserMenu};
///
/// #[component]
/// fn App() -> impl IntoView {
///     view! {
///         <AuthProvider loading=|| "One moment…">
///             <UserMenu/>
///             <SignedOut><SignInButton/></SignedOut>
///         </AuthProvider>
///     }
/// }
/// ```
#[component]
pub fn AuthProvider(
    /// A configuration that the app already has; without it `/config.json` is loaded.
    #[prop(optional, into)]
    config: Option<Config>,
    /// Shown while the configuration is loading.
    #[prop(default = ViewFn::from(default_loading), into)]
    loading: ViewFn,
    /// Shown when there is no valid configuration.
    #[prop(default = ViewOf::of_error(), into)]
    error: ViewOf<LoadError>,
    /// The app.
    children: ChildrenFn,
) -> impl IntoView {
    let load = config.is_none();
    // A signal of this type would be larger.
    let (loaded, changed) = (StoredValue::new_local(config.map(Ok)), Trigger::new());
    if load {
        spawn_local(async move {
            let result = load_config().await;
            // The component may be gone by now.
            if loaded.try_set_value(Some(result)).is_none() {
                changed.notify();
            }
        });
    }
    move || {
        changed.track();
        match loaded.get_value() {
            None => loading.run(),
            Some(Ok(config)) => {
                provide_auth(config);
                children()
            }
            Some(Err(reason)) => error.run(reason),
        }
    }
}

fn default_loading() -> AnyView {
    view! { <p class="auth-loading" role="status">"Loading…"</p> }.into_any()
}
