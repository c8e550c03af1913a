//! Keeping the session going: the regular look at it, what wakes the page up, and what other tabs say.

use leptos::prelude::GetValue as _;
use leptos::task::spawn_local;

use super::Auth;
use crate::browser::page;
use crate::host::Host as _;
use crate::session::error::AuthError;
use crate::session::event::{Event, EventKind};
use crate::session::state::Session;
use crate::session::tick::Tick;
use crate::time::Timestamp;

/// What people should be told at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why the last renewal failed, as long as none has succeeded since.
    pub renewal_error: Option<AuthError>,
    /// When the session will be ended because nobody uses it, by this device's clock; known shortly before.
    pub idle_end: Option<Timestamp>,
    /// What has to be added to this device's clock, in seconds.
    pub clock_offset_seconds: i64,
    /// Whether another tab or the storage has data of a newer release of the site: this page has to be reloaded.
    pub newer_release: bool,
}

impl Auth {
    /// Starts what lasts as long as the page.
    pub(super) fn look_after(self) {
        let offset = self.shared().client.offset_seconds();
        self.status
            .update(|status| status.clock_offset_seconds = offset);
        spawn_local(async move {
            // The client goes when the component does that provides it.
            while let Some(shared) = self.shared.try_get_value() {
                let wait = self.follow(shared.client.tick().await);
                shared.client.host().pause(wait).await;
            }
        });
        self.shared().client.host().listen(move |text| {
            if let Some(shared) = self.shared.try_get_value() {
                spawn_local(async move {
                    shared.client.on_message(&text).await;
                    self.note_idle();
                });
            }
        });
        page::on_wake(move || {
            if let Some(shared) = self.shared.try_get_value() {
                spawn_local(async move {
                    self.follow(shared.client.wake().await);
                });
            }
        });
        page::on_activity(move || {
            if let Some(shared) = self.shared.try_get_value() {
                shared.client.touch();
                self.note_idle();
            }
        });
        // A page that comes back out of the browser's cache still says that it is leaving for the hosted UI.
        // Any other has missed what the tabs said meanwhile; whoever knows better answers.
        page::on_return(move || {
            let Some(shared) = self.shared.try_get_value() else {
                return;
            };
            if matches!(shared.client.session(), Session::SigningIn) {
                self.retry();
            } else {
                spawn_local(async move { shared.client.announce().await });
            }
        });
    }

    fn follow(self, tick: Tick) -> std::time::Duration {
        self.note_idle();
        if let Some(url) = tick.leave_for {
            let _ = page::leave_for(&url);
        }
        tick.wait
    }

    pub(super) fn note_idle(self) {
        if let Some(shared) = self.shared.try_get_value() {
            let end = shared.client.idle_end();
            self.status.update(|status| status.idle_end = end);
        }
    }

    /// Something that people should be told failed.
    pub(super) fn report_error(self, error: AuthError) {
        self.status
            .update(|status| status.renewal_error = Some(error));
    }

    pub(super) fn clear_error(self) {
        self.status.update(|status| status.renewal_error = None);
    }

    /// What an event changes in what people are told.
    pub(super) fn note(self, event: &Event) {
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
