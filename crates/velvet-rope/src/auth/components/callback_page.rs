//! The page that the provider returns to after a sign-in.
//!
//! The exchange of the code does not depend on this component: [`provide_auth`](crate::provide_auth) starts it when the
//! page loads. The component only shows the outcome and goes on to the next page.

use leptos::prelude::*;

use super::ViewOf;
use crate::auth::use_auth;
use crate::browser::page;
use crate::client::CallbackOutcome;
use crate::oauth::callback::PasskeyResult;
use crate::session::error::AuthError;

/// The page at the configured `sign_in_path`. It shows `pending` until the sign-in is complete, then goes to the page
/// that the user came from. [`provide_auth`](crate::provide_auth) answers the callback itself.
///
/// The address of the page has no `code` any more when this component is created, so Reload, Back and a bookmark lead
/// to the path `/`. The entry of the callback page in the history is replaced.
///
/// If the sign-in failed it stays and shows `error`; by default that is the error for developers in an element of
/// class `auth-error`. Apps for users pass their own words:
///
/// ```
/// use leptos::prelude::*;
/// use leptos_router::components::{Route, Router, Routes};
/// use leptos_router::path;
/// use velvet_rope::{AuthError, CallbackPage};
///
/// fn describe(error: AuthError) -> &'static str {
///     if error.is_retryable() {
///         "The sign-in service is busy. Please sign in again in a minute."
///     } else {
///         "The sign-in failed."
///     }
/// }
///
/// #[component]
/// fn Pages() -> impl IntoView {
///     let callback = || view! { <CallbackPage pending=|| "Signing you in…" error=describe/> };
///     view! {
///         <Router>
///             <Routes fallback=|| "Not found">
///                 <Route path=path!("/authenticated") view=callback/>
///             </Routes>
///         </Router>
///     }
/// }
/// ```
#[component]
pub fn CallbackPage(
    /// Shown until the sign-in is complete.
    #[prop(default = ViewFn::from(default_pending), into)]
    pending: ViewFn,
    /// Shown when the sign-in failed.
    #[prop(default = ViewOf::of_error(), into)]
    error: ViewOf<AuthError>,
    /// Shown after the provider's page that adds a passkey, with the path that the user came from. Without it the
    /// user returns there at once.
    #[prop(optional, into)]
    passkey: Option<ViewOf<(PasskeyResult, String)>>,
) -> impl IntoView {
    let outcome = use_auth().callback();
    let stays = passkey.is_some();
    Effect::new(move |_| match outcome.get() {
        CallbackOutcome::Done { return_to } => page::go_to(&return_to, true),
        CallbackOutcome::Passkey { return_to, .. } if !stays => page::go_to(&return_to, true),
        // After a reload, or from a bookmark, there is nothing to answer.
        CallbackOutcome::None => page::go_to("/", true),
        CallbackOutcome::Pending | CallbackOutcome::Passkey { .. } | CallbackOutcome::Failed(_) => {
        }
    });
    move || match (outcome.get(), &passkey) {
        (CallbackOutcome::Failed(reason), _) => error.run(reason),
        (CallbackOutcome::Passkey { result, return_to }, Some(passkey)) => {
            passkey.run((result, return_to))
        }
        _ => pending.run(),
    }
}

/// With the role `status`, so that screen readers announce it.
fn default_pending() -> AnyView {
    view! { <p class="auth-loading" role="status">"Signing you in…"</p> }.into_any()
}
