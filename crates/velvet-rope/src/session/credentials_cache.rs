//! The AWS credentials at hand, and for which session and role they were requested. Pure, and in memory only.

use std::cell::{Cell, RefCell};

use crate::aws::credentials::Credentials;
use crate::time::Timestamp;

/// What credentials are requested for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// The id of the session; `None` for a guest.
    pub(super) session: Option<String>,
    /// The role that the user chose.
    pub(super) role: Option<String>,
}

/// The credentials at hand.
#[derive(Default)]
pub(super) struct CredentialsCache {
    held: RefCell<Option<(Subject, Credentials)>>,
    /// Raised whenever credentials that were requested before must not be used.
    generation: Cell<u64>,
}

impl CredentialsCache {
    /// The credentials for `subject`, unless they are about to expire.
    pub(super) fn fresh(&self, subject: &Subject, now: Timestamp) -> Option<Credentials> {
        let held = self.held.borrow();
        held.as_ref()
            .filter(|(of, credentials)| of == subject && credentials.are_fresh(now))
            .map(|(_, credentials)| credentials.clone())
    }

    /// When those at hand expire.
    pub(super) fn expiration(&self) -> Option<Timestamp> {
        let held = self.held.borrow();
        held.as_ref().map(|(_, credentials)| credentials.expiration)
    }

    /// Identifies the requests that may still store their credentials.
    pub(super) fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// Stores credentials that were requested in `generation`. Whether they may be used.
    pub(super) fn store(
        &self,
        generation: u64,
        subject: Subject,
        credentials: &Credentials,
    ) -> bool {
        let current = self.generation.get() == generation;
        if current {
            self.held.replace(Some((subject, credentials.clone())));
        }
        current
    }

    /// Drops the credentials, also those that are requested now.
    pub(super) fn forget(&self) {
        self.generation.set(self.generation.get() + 1);
        self.held.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::values::credentials;

    fn subject(session: Option<&str>, role: Option<&str>) -> Subject {
        Subject {
            session: session.map(str::to_owned),
            role: role.map(str::to_owned),
        }
    }

    #[test]
    fn credentials_are_used_only_for_the_session_and_the_role_they_were_requested_for() {
        let cache = CredentialsCache::default();
        let editor = subject(Some("session-1"), Some("editor"));
        assert!(cache.store(0, editor.clone(), &credentials(10_000)));
        let now = Timestamp(5_000);
        assert!(cache.fresh(&editor, now).is_some());
        for other in [
            subject(None, None),
            subject(Some("session-1"), None),
            subject(Some("session-1"), Some("admin")),
            subject(Some("session-2"), Some("editor")),
        ] {
            assert_eq!(cache.fresh(&other, now), None);
        }
        assert_eq!(cache.fresh(&editor, Timestamp(9_990)), None);
        assert_eq!(cache.expiration(), Some(Timestamp(10_000)));
    }

    #[test]
    fn what_was_requested_before_they_were_dropped_is_not_stored() {
        let cache = CredentialsCache::default();
        let generation = cache.generation();
        cache.forget();
        let guest = subject(None, None);
        assert!(!cache.store(generation, guest.clone(), &credentials(10_000)));
        assert_eq!(cache.fresh(&guest, Timestamp(0)), None);
        assert_eq!(cache.expiration(), None);
    }
}
