//! What happened to the session, for listeners.
//!
//! A state says what is; an event says what has just changed. An app that only shows the session needs no events.

use super::error::AuthError;
use super::state::SignedOutReason;
use super::state::User;
use crate::time::Timestamp;

/// Something that happened.
///
/// Events of one tab come in their order. Each tab reports its own: a sign-in in one tab is an event in all of them.
///
/// # Examples
///
/// ```
/// use velvet_rope::{Event, EventKind, SignedOutReason, Timestamp};
///
/// /// A line for a log, without name and e-mail address of the user.
/// fn log_line(event: &Event) -> String {
///     let what = match &event.kind {
///         EventKind::SignedIn(_) => "signed in".to_owned(),
///         EventKind::SignedOut(reason) => format!("signed out: {reason:?}"),
///         EventKind::TokenRenewed { here, .. } => format!("tokens renewed, here: {here}"),
///         other => format!("{other:?}"),
///     };
///     format!("{}: {what}", event.at)
/// }
///
/// let event = Event {
///     at: Timestamp(1_700_000_000),
///     kind: EventKind::SignedOut(SignedOutReason::Idle),
/// };
/// assert_eq!(log_line(&event), "1700000000 s UTC: signed out: Idle");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, as far as the time is known.
    /// The corrected time of this tab.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a session.
///
/// None contains a token or an AWS secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A user signed in, here or in another tab.
    /// Not after a reload that restores the session of this tab.
    SignedIn(User),
    /// The user was signed out.
    SignedOut(SignedOutReason),
    /// There are new tokens.
    /// The user and the auth state are unchanged.
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
    /// Of this tab only: tabs do not share credentials.
    CredentialsRenewed {
        /// When they expire.
        expiration: Timestamp,
    },
    /// The user chose another role, or left the choice to the identity pool again.
    /// An ARN. Also after a renewal whose ID token does not offer the chosen role any more.
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
    /// About one minute before: because the user is inactive, or because the tokens cannot be renewed.
    SessionExpiring {
        /// When, as far as the time is known.
        at: Timestamp,
    },
}

/// A change that the watcher of a client is notified of.
///
/// It borrows the session, which contains tokens: copy only what the app shows, such as
/// [`Session::state`](super::state::Session::state).
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// There is another session, or it has other tokens.
    Session(&'a super::state::Session),
    /// Something happened.
    Event(&'a Event),
}
