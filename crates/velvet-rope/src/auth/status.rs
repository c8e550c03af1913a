//! What the app shows on every page: a failed renewal, an idle session that is about to end, a wrong clock.

use leptos::prelude::GetValue as _;

use super::Auth;
use crate::session::error::AuthError;
use crate::session::event::{Event, EventKind};
use crate::time::Timestamp;

/// What the app shows on every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why the last renewal failed, until one succeeds.
    pub renewal_error: Option<AuthError>,
    /// When the session will end because it is idle, by this device's clock; set shortly before.
    pub idle_end: Option<Timestamp>,
    /// The seconds to add to this device's clock.
    pub clock_offset_seconds: i64,
    /// Whether another tab or the storage has data of a newer release of the site, so that this page must be reloaded.
    pub newer_release: bool,
}

impl Auth {
    pub(super) fn update_idle_end(self) {
        if let Some(shared) = self.shared.try_get_value() {
            let end = shared.client.idle_end();
            self.status.update(|status| status.idle_end = end);
        }
    }

    pub(super) fn report_error(self, error: AuthError) {
        self.status
            .update(|status| status.renewal_error = Some(error));
    }

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
