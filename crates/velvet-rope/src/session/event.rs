//! What happened to the session, for listeners.

use super::error::AuthError;
use super::state::SignedOutReason;
use super::state::User;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, as far as the time is known.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A user signed in, here or in another tab.
    SignedIn(User),
    /// The user was signed out.
    SignedOut(SignedOutReason),
    /// There are new tokens.
    TokenRenewed {
        /// Whether this tab fetched them.
        here: bool,
        /// When the first of them expires.
        expires: Timestamp,
    },
    /// The tokens could not be renewed. The session continues.
    RenewalFailed {
        /// Why.
        error: AuthError,
        /// When it is tried again, by this device's clock; `None` when it will not be.
        retry_at: Option<Timestamp>,
    },
    /// There are new AWS credentials.
    CredentialsRenewed {
        /// When they expire.
        expiration: Timestamp,
    },
    /// The user chose another role, or left the choice to the identity pool again.
    RoleChanged(Option<String>),
    /// The correction of this device's clock changed.
    ClockCorrected {
        /// What has to be added to it, in seconds.
        offset_seconds: i64,
    },
    /// A tab with a newer release of the site is open, or its session is stored. This page leaves both alone; a reload
    /// loads the newer release.
    NewerRelease,
    /// The session is about to end.
    SessionExpiring {
        /// When, as far as the time is known.
        at: Timestamp,
    },
}

/// A change that the watcher of a client is notified of.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// There is another session, or it has other tokens.
    Session(&'a super::state::Session),
    /// Something happened.
    Event(&'a Event),
}
