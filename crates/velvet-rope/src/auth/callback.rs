//! Answering the callback, once per page load: the address is cleaned before anything is sent, so neither a
//! reload nor a bookmark nor Back can answer it again.

use leptos::task::spawn_local;

use super::Auth;
use crate::browser::{page, random};
use crate::oauth::callback::{Callback, PasskeyResult, read};
use crate::oauth::options::{Prompt, SignInOptions};
use crate::session::Completed;
use crate::session::error::AuthError;
use crate::session::restore::Restored;
use crate::session::sign_out::{Ending, SignOutScope};

/// What became of the callback that this page load answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// This page load is no callback.
    None,
    /// The tokens are being fetched.
    Pending,
    /// It is answered; nothing has to be said about it.
    Done {
        /// Where on this site the person was: a path.
        return_to: String,
    },
    /// The hosted page that adds a passkey came back.
    Passkey {
        /// How it went.
        result: PasskeyResult,
        /// Where on this site the person was: a path.
        return_to: String,
    },
    /// It failed. Whoever was signed in before still is.
    Failed(AuthError),
}

impl Auth {
    pub(super) fn start(self) {
        let path = page::path();
        let provider = self.config().provider;
        let is = |page: &str| path.trim_end_matches('/') == page;
        let is_callback = is(&provider.sign_in_path);
        let query = page::query();
        let answer = if is_callback { read(&query) } else { Ok(None) };
        if is_callback {
            page::replace_address(&path);
        }
        match answer {
            Ok(None) if is(&provider.sign_out_path) && self.is_switching() => {
                let options = SignInOptions {
                    prompt: Some(Prompt::SelectAccount),
                    ..SignInOptions::default()
                };
                self.sign_in_with("/", options);
            }
            Ok(None) => self.restore(),
            Ok(Some(callback)) => self.answer(callback),
            Err(malformed) => self.fail(malformed.into()),
        }
    }

    /// Whether the way back from the provider is one half of changing the user.
    fn is_switching(self) -> bool {
        self.shared()
            .client
            .sign_out_report()
            .is_some_and(|report| {
                report.scope == SignOutScope::SwitchUser && report.provider_session == Ending::Done
            })
    }

    fn answer(self, callback: Callback) {
        self.set_outcome(CallbackOutcome::Pending);
        spawn_local(async move {
            let outcome = match self.shared().client.complete_sign_in(callback).await {
                Ok(Completed::SignedIn { return_to }) => CallbackOutcome::Done { return_to },
                Ok(Completed::NotSignedIn { return_to }) => {
                    self.restore();
                    CallbackOutcome::Done { return_to }
                }
                Ok(Completed::Passkey { result, return_to }) => {
                    self.restore();
                    CallbackOutcome::Passkey { result, return_to }
                }
                Err(error) => return self.fail(error),
            };
            self.set_outcome(outcome);
        });
    }

    fn set_outcome(self, outcome: CallbackOutcome) {
        self.callback.update(|told| *told = outcome);
    }

    fn fail(self, error: AuthError) {
        self.set_outcome(CallbackOutcome::Failed(error.clone()));
        spawn_local(async move { self.shared().client.recover(error).await });
    }

    /// Takes up the session; what is kept at once, what others know as soon as they tell.
    pub(super) fn restore(self) {
        let shared = self.shared();
        let restored = shared.client.restore();
        spawn_local(async move {
            let url = match restored {
                Restored::Done => {
                    shared.client.announce().await;
                    None
                }
                Restored::Unfinished => {
                    let here = page::path_query_fragment();
                    shared
                        .client
                        .finish_restoring(&here, random::entropy())
                        .await
                }
            };
            if let Some(url) = url {
                let _ = page::leave_for(&url);
            }
        });
    }
}
