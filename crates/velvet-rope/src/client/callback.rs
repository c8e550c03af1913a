//! Answers the callback, once per page load: the address is cleaned before anything is sent, so a reload, a bookmark
//! or Back cannot answer it again.
//!
//! A page load is a callback if its path is the configured `sign_in_path` and its query has a parameter of an
//! authorization response (RFC 6749, section 4.1.2). The query on any other path belongs to the app and is left alone.

use std::rc::Rc;

use super::{BrowserClient, parts};
use crate::browser::{page, random, spawn, spawn_at_once};
use crate::oauth::callback::{self, Callback, PasskeyResult};
use crate::oauth::options::{Prompt, SignInOptions};
use crate::session::Completed;
use crate::session::error::AuthError;
use crate::session::restore::Restored;
use crate::session::sign_out::{Ending, SignOutScope};

/// The result of the callback that this page load answered.
///
/// A callback begins as [`Pending`](Self::Pending) and ends as one of the variants after it. The value then stays until
/// the next page load.
///
/// ```
/// use velvet_rope::CallbackOutcome;
///
/// fn next_page(outcome: &CallbackOutcome) -> Option<&str> {
///     match outcome {
///         CallbackOutcome::Done { return_to } | CallbackOutcome::Passkey { return_to, .. } => Some(return_to),
///         CallbackOutcome::None => Some("/"),
///         CallbackOutcome::Pending | CallbackOutcome::Failed(_) => None,
///     }
/// }
///
/// let done = CallbackOutcome::Done { return_to: "/orders".to_owned() };
/// assert_eq!(next_page(&done), Some("/orders"));
/// assert_eq!(next_page(&CallbackOutcome::Pending), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// This page load is no callback.
    None,
    /// The tokens are being fetched.
    Pending,
    /// The sign-in is complete.
    ///
    /// Also after a silent sign-in without a session at the provider: then the auth state is unchanged.
    Done {
        /// The page that the user came from: a path of this site.
        return_to: String,
    },
    /// The provider's page that adds a passkey came back.
    Passkey {
        /// Whether a passkey was added.
        result: PasskeyResult,
        /// The page that the user came from: a path of this site.
        return_to: String,
    },
    /// The sign-in failed. A user who was signed in before still is.
    Failed(AuthError),
}

/// Answers the callback if this page load is one, and restores the session otherwise: from storage, or from other tabs
/// when they reply. Calls `report` with every [`CallbackOutcome`]: on the callback page, if its address has a query,
/// [`CallbackOutcome::Pending`] before it returns. Call it once per page load, before the router reads the address.
pub fn open(client: &Rc<BrowserClient>, report: impl Fn(CallbackOutcome) + 'static) {
    let path = page::path();
    let provider = &client.config().provider;
    let is = |page: &str| path.trim_end_matches('/') == page;
    let client = Rc::clone(client);
    if is(&provider.sign_in_path) {
        let query = page::query();
        page::replace_address(&path);
        if !query.is_empty() {
            report(CallbackOutcome::Pending);
            let report: Report = Rc::new(report);
            return spawn(async move {
                let answered = parts::answer(Rc::clone(&client), query, Rc::clone(&report)).await;
                if let Err(unavailable) = answered {
                    report(CallbackOutcome::Failed(unavailable.into()));
                    client.fail(unavailable.into());
                }
            });
        }
    }
    if is(&provider.sign_out_path) {
        spawn(async move {
            if parts::switch_user(Rc::clone(&client)).await != Ok(true) {
                restore(&client);
            }
        });
    } else {
        restore(&client);
    }
}

/// Is called with every outcome.
pub(super) type Report = Rc<dyn Fn(CallbackOutcome)>;

/// Handles a callback. Where it brought no session, the one of before is restored.
pub(super) async fn answer(
    client: &Rc<BrowserClient>,
    query: &str,
    report: &dyn Fn(CallbackOutcome),
) {
    let outcome = match callback::read(query) {
        Ok(Some(callback)) => complete(client, callback).await,
        Ok(None) => {
            restore(client);
            Ok(CallbackOutcome::None)
        }
        Err(malformed) => Err(malformed.into()),
    };
    match outcome {
        Ok(outcome) => report(outcome),
        Err(error) => {
            report(CallbackOutcome::Failed(error.clone()));
            client.recover(error).await;
        }
    }
}

async fn complete(
    client: &Rc<BrowserClient>,
    callback: Callback,
) -> Result<CallbackOutcome, AuthError> {
    Ok(match client.complete_sign_in(callback).await? {
        Completed::SignedIn { return_to } => CallbackOutcome::Done { return_to },
        Completed::NotSignedIn { return_to } => {
            restore(client);
            CallbackOutcome::Done { return_to }
        }
        Completed::Passkey { result, return_to } => {
            restore(client);
            CallbackOutcome::Passkey { result, return_to }
        }
    })
}

/// Signs in again where the user came back from the provider in order to sign in as another user, with
/// `prompt=select_account`, so that the provider does not choose the previous user again. Returns whether that was so.
pub(super) async fn switch_user(client: &Rc<BrowserClient>) -> bool {
    let is_switching = client.sign_out_report().is_some_and(|report| {
        report.scope == SignOutScope::SwitchUser && report.provider_session == Ending::Done
    });
    if is_switching {
        let options = SignInOptions {
            prompt: Some(Prompt::SelectAccount),
            ..SignInOptions::default()
        };
        // The session has the error, because the user is signed out.
        let _ = super::begin(client, "/", &options).await;
    }
    is_switching
}

/// Restores the session: from storage, or from other tabs when they reply.
fn restore(client: &Rc<BrowserClient>) {
    let client = Rc::clone(client);
    // A stored session is there before the first view, if its part of the app is.
    spawn_at_once(async move {
        if client.finish_as_guest().await {
            return;
        }
        if let Err(unavailable) = parts::restore(Rc::clone(&client)).await {
            client.fail(unavailable.into());
        }
    });
}

/// The same, where something is stored, or another tab has a session.
pub(super) async fn restore_session(client: &BrowserClient) {
    match client.restore() {
        Restored::Done => client.announce().await,
        Restored::Unfinished => {
            let here = page::path_query_fragment();
            let url = client.finish_restoring(&here, random::entropy()).await;
            if let Some(url) = url {
                let _ = page::leave_for(&url);
            }
        }
    }
}
