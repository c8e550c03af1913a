//! What a page without a session does not need: these functions are in a part of the app of their own ([`later`]).
//!
//! [`later`]: crate::later

use std::rc::Rc;

use super::BrowserClient;
use super::run::keep_current;
use crate::oauth::authorize::Entropy;
use crate::oauth::callback::{self, Callback, MalformedCallback};
use crate::oauth::options::SignInOptions;
use crate::session::Completed;
use crate::session::error::AuthError;
use crate::session::restore::Restored;
use crate::session::sign_out::{Ending, SignOutScope};

crate::later! { session:
    /// Reads the query of the callback's address. `None` when it is no callback.
    pub(super) async fn read_callback(query: String) -> Result<Option<Callback>, MalformedCallback> {
        callback::read(&query)
    }

    pub(super) async fn complete_sign_in(
        client: Rc<BrowserClient>,
        callback: Callback,
    ) -> Result<Completed, AuthError> {
        client.complete_sign_in(callback).await
    }

    pub(super) async fn begin_sign_in(
        client: Rc<BrowserClient>,
        return_to: String,
        options: SignInOptions,
        entropy: Entropy,
    ) -> Result<String, AuthError> {
        client.begin_sign_in(&return_to, &options, entropy).await
    }

    pub(super) async fn is_switching(client: Rc<BrowserClient>) -> bool {
        client.sign_out_report().is_some_and(|report| {
            report.scope == SignOutScope::SwitchUser && report.provider_session == Ending::Done
        })
    }

    pub(super) async fn restore(
        client: Rc<BrowserClient>,
        return_to: String,
        entropy: Option<Entropy>,
    ) -> Option<String> {
        match client.restore() {
            Restored::Done => {
                client.announce().await;
                None
            }
            Restored::Unfinished => client.finish_restoring(&return_to, entropy).await,
        }
    }

    pub(super) async fn recover(client: Rc<BrowserClient>, error: AuthError) -> () {
        client.recover(error).await;
    }

    pub(super) async fn retry(client: Rc<BrowserClient>) -> Result<(), AuthError> {
        client.retry().await
    }

    pub(super) async fn announce(client: Rc<BrowserClient>) -> () {
        client.announce().await;
    }

    pub(super) async fn ask_tabs(client: Rc<BrowserClient>) -> () {
        client.ask_tabs().await;
    }

    pub(super) async fn on_message(client: Rc<BrowserClient>, text: String) -> () {
        client.on_message(&text).await;
    }

    pub(super) async fn follow_session(client: Rc<BrowserClient>, after: Rc<dyn Fn()>) -> () {
        keep_current(&client, &after);
    }

    pub(super) async fn sign_out(client: Rc<BrowserClient>, scope: SignOutScope) -> Option<String> {
        client.sign_out(scope).await
    }
}
