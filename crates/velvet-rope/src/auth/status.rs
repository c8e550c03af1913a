//! What the app shows on every page: a failed renewal, an idle session that is about to end, a wrong clock.

use leptos::prelude::GetValue as _;

use super::Auth;
use crate::session::error::AuthError;
use crate::session::event::{Event, EventKind};
use crate::time::Timestamp;

/// What the app shows on every page.
///
/// It is updated by events and by the regular check, at least every five seconds. All fields have their defaults while
/// nothing is wrong.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::use_auth;
///
/// /// Offers to continue a session that is about to end.
/// #[component]
/// fn IdleWarning() -> impl IntoView {
///     let auth = use_auth();
///     move || {
///         let end = auth.status().with(|status| status.idle_end)?;
///         let seconds = end.since(auth.now()).as_secs();
///         Some(view! {
///             <p>"You will be signed out in " {seconds} " s."</p>
///             <button on:click=move |_| auth.extend_session()>"Stay signed in"</button>
///         })
///     }
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why the last renewal failed, until one succeeds.
    /// The session continues with its current tokens, and the app tries again. An action that could not begin, such as
    /// a sign-in, is reported here too.
    pub renewal_error: Option<AuthError>,
    /// When the session will end because it is idle, by this device's clock; set shortly before.
    /// `None` without the setting `session.idle_minutes`, and again after the user was active.
    pub idle_end: Option<Timestamp>,
    /// The seconds to add to this device's clock.
    /// Zero while the clock is right within 30 seconds; negative when it is ahead. The library already applies the
    /// correction to signatures and expiry times.
    pub clock_offset_seconds: i64,
    /// Whether another tab or the storage has data of a newer release of the site, so that this page must be reloaded.
    /// Once `true` it stays so until the reload.
    pub newer_release: bool,
}

impl Auth {
    /// Called after every regular check and after activity of the user.
    pub(super) fn update_idle_end(self) {
        if let Some(shared) = self.shared.try_get_value() {
            let end = shared.client.idle_end();
            self.status.update(|status| status.idle_end = end);
        }
    }

    /// Shows the error of an action that has no other place for it.
    pub(super) fn report_error(self, error: AuthError) {
        self.status
            .update(|status| status.renewal_error = Some(error));
    }

    /// A new attempt begins: the error of the previous one is not shown any more.
    pub(super) fn clear_error(self) {
        self.status.update(|status| status.renewal_error = None);
    }

    /// Applies an event to the status.
    pub(super) fn update_status(self, event: &Event) {
        self.status.update(|status| match &event.kind {
            EventKind::RenewalFailed { error, .. } => status.renewal_error = Some(error.clone()),
            EventKind::ClockCorrected { offset_seconds } => {
                status.clock_offset_seconds = *offset_seconds;
            }
            EventKind::NewerRelease => status.newer_release = true,
            EventKind::SignedIn(_) | EventKind::SignedOut(_) | EventKind::TokenRenewed { .. } => {
                status.renewal_error = None;
            }
            EventKind::CredentialsRenewed { .. }
            | EventKind::RoleChanged(_)
            | EventKind::SessionExpiring { .. } => {}
        });
    }
}
