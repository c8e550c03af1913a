//! Answers the callback, once per page load: the address is cleaned before anything is sent, so a reload, a bookmark
//! or Back cannot answer it again.
//!
//! A page load is a callback if its path is the configured `sign_in_path` and its query has a parameter of an
//! authorization response (RFC 6749, section 4.1.2). The query on any other path belongs to the app and is left alone.

use std::rc::Rc;

use super::{BrowserClient, parts, sign_in};
use crate::browser::{page, random, spawn, spawn_at_once};
use crate::oauth::callback::{Callback, PasskeyResult};
use crate::oauth::options::{Prompt, SignInOptions};
use crate::session::Completed;
use crate::session::error::AuthError;

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
    if is(&provider.sign_in_path) {
        let query = page::query();
        page::replace_address(&path);
        if !query.is_empty() {
            report(CallbackOutcome::Pending);
            let client = Rc::clone(client);
            return spawn(async move { answer(&client, query, &report).await });
        }
    }
    if is(&provider.sign_out_path) {
        restore_or_switch(client);
    } else {
        restore(client);
    }
}

async fn answer(client: &Rc<BrowserClient>, query: String, report: &dyn Fn(CallbackOutcome)) {
    let outcome = match parts::read_callback(query).await {
        Ok(Ok(Some(callback))) => complete(client, callback).await,
        Ok(Ok(None)) => {
            restore(client);
            Ok(CallbackOutcome::None)
        }
        Ok(Err(malformed)) => Err(malformed.into()),
        Err(unavailable) => Err(unavailable.into()),
    };
    match outcome {
        Ok(outcome) => report(outcome),
        Err(error) => {
            report(CallbackOutcome::Failed(error.clone()));
            recover(client, error).await;
        }
    }
}

/// Signs in again where the user came back from the provider in order to sign in as another user, with
/// `prompt=select_account`, so that the provider does not choose the previous user again.
fn restore_or_switch(client: &Rc<BrowserClient>) {
    let client = Rc::clone(client);
    spawn(async move {
        if parts::is_switching(Rc::clone(&client)).await != Ok(true) {
            return restore(&client);
        }
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
    Ok(
        match parts::complete_sign_in(Rc::clone(client), callback).await?? {
            Completed::SignedIn { return_to } => CallbackOutcome::Done { return_to },
            Completed::NotSignedIn { return_to } => {
                restore(client);
                CallbackOutcome::Done { return_to }
            }
            Completed::Passkey { result, return_to } => {
                restore(client);
                CallbackOutcome::Passkey { result, return_to }
            }
        },
    )
}

/// Restores the session: from storage, or from other tabs when they reply.
fn restore(client: &Rc<BrowserClient>) {
    let client = Rc::clone(client);
    // A stored session is there before the first view, if its part of the app is.
    spawn_at_once(async move {
        if client.finish_as_guest().await {
            return;
        }
        let here = page::path_query_fragment();
        match parts::restore(Rc::clone(&client), here, random::entropy()).await {
            Ok(Some(url)) => {
                let _ = page::leave_for(&url);
            }
            Ok(None) => {}
            Err(unavailable) => client.fail(unavailable.into()),
        }
    });
}

/// Restores the session that there was before a callback that failed.
async fn recover(client: &Rc<BrowserClient>, error: AuthError) {
    if let Err(unavailable) = parts::recover(Rc::clone(client), error).await {
        client.fail(unavailable.into());
    }
}
