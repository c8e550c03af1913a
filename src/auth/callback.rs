//! Answering the callback, once per page load: the address is cleaned before anything is sent, so neither a
//! reload nor a bookmark nor Back can answer it again.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Auth;
use crate::browser::page;
use crate::oauth::callback::{Callback, read};
use crate::session::error::AuthError;
use crate::session::state::{Session, SignedOutReason};

/// What became of the callback that this page load answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// This page load is no callback.
    None,
    /// The tokens are being fetched.
    Pending,
    /// Somebody signed in.
    SignedIn {
        /// Where on this site the person was: a path.
        return_to: String,
    },
    /// It failed. Whoever was signed in before still is.
    Failed(AuthError),
}

impl Auth {
    pub(super) fn start(self) {
        let path = page::path();
        let is_callback =
            path.trim_end_matches('/') == self.client().config().provider.sign_in_path;
        let query = page::query();
        let answer = if is_callback { read(&query) } else { Ok(None) };
        if is_callback {
            page::replace_address(&path);
        }
        match answer {
            Ok(None) => self.restore(),
            Ok(Some(callback)) => self.answer(callback),
            Err(malformed) => self.fail(malformed.into()),
        }
    }

    fn answer(self, callback: Callback) {
        self.callback.set(CallbackOutcome::Pending);
        let epoch = self.begin(Session::SigningIn);
        spawn_local(async move {
            match self.client().complete_sign_in(callback).await {
                Ok(completed) => {
                    self.set_session_if(epoch, Session::SignedIn(Box::new(completed.signed_in)));
                    self.callback.set(CallbackOutcome::SignedIn {
                        return_to: completed.return_to,
                    });
                }
                Err(error) => self.fail(error),
            }
        });
    }

    /// A callback that fails says nothing about a session that was there before it: anybody can make a
    /// browser open such an address.
    fn fail(self, error: AuthError) {
        self.callback.set(CallbackOutcome::Failed(error.clone()));
        self.restore();
        if matches!(self.session.get_untracked(), Session::SignedOut(_)) {
            self.set_session(Session::SignedOut(SignedOutReason::Failed(error)));
        }
    }
}
