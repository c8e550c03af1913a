//! Answers the callback, once per page load: the address is cleaned before anything is sent, so a reload, a bookmark
//! or Back cannot answer it again.
//!
//! A page load is a callback if its path is the configured `sign_in_path` and its query has a parameter of an
//! authorization response (RFC 6749, section 4.1.2). The query on any other path belongs to the app and is left alone.

use std::rc::Rc;

use super::{BrowserClient, sign_in};
use crate::browser::{page, random, spawn};
use crate::oauth::callback::{Callback, PasskeyResult, read};
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

/// Answers the callback if this page load is one, and restores the session otherwise: from storage immediately, from
/// other tabs when they reply. Calls `report` with every [`CallbackOutcome`], for the first time before it returns if
/// this is a callback, and never if it is not. Call it once per page load, before the router reads the address.
pub fn open(client: &Rc<BrowserClient>, report: impl Fn(CallbackOutcome) + 'static) {
    let path = page::path();
    let provider = &client.config().provider;
    let is = |page: &str| path.trim_end_matches('/') == page;
    let is_callback = is(&provider.sign_in_path);
    let query = page::query();
    let answer = if is_callback { read(&query) } else { Ok(None) };
    if is_callback {
        page::replace_address(&path);
    }
    match answer {
        Ok(None) if is(&provider.sign_out_path) && is_switching(client) => switch_user(client),
        Ok(None) => restore(client),
        Ok(Some(callback)) => {
            report(CallbackOutcome::Pending);
            let client = Rc::clone(client);
            spawn(async move {
                match complete(&client, callback).await {
                    Ok(outcome) => report(outcome),
                    Err(error) => {
                        report(CallbackOutcome::Failed(error.clone()));
                        client.recover(error).await;
                    }
                }
            });
        }
        Err(malformed) => {
            let error = AuthError::from(malformed);
            report(CallbackOutcome::Failed(error.clone()));
            let client = Rc::clone(client);
            spawn(async move { client.recover(error).await });
        }
    }
}

/// Whether the user came back from the provider in order to sign in as another user.
/// A provider that could not be reached has not ended its session: then there is nothing to switch.
fn is_switching(client: &BrowserClient) -> bool {
    client.sign_out_report().is_some_and(|report| {
        report.scope == SignOutScope::SwitchUser && report.provider_session == Ending::Done
    })
}

/// Starts the sign-in with `prompt=select_account`, so that the provider does not choose the previous user again.
fn switch_user(client: &Rc<BrowserClient>) {
    let client = Rc::clone(client);
    spawn(async move {
        let options = SignInOptions {
            prompt: Some(Prompt::SelectAccount),
            ..SignInOptions::default()
        };
        // The session has the error, because the user is signed out.
        let _ = sign_in(&client, "/", &options).await;
    });
}

/// Handles the callback. Where it brought no session, the one of before is restored.
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

/// Restores the session: from storage immediately, from other tabs when they reply.
fn restore(client: &Rc<BrowserClient>) {
    let restored = client.restore();
    let client = Rc::clone(client);
    spawn(async move {
        let url = match restored {
            Restored::Done => {
                client.announce().await;
                None
            }
            Restored::Unfinished => {
                let here = page::path_query_fragment();
                client.finish_restoring(&here, random::entropy()).await
            }
        };
        if let Some(url) = url {
            let _ = page::leave_for(&url);
        }
    });
}
