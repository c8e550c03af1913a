//! What a page without a session does not need: these functions are in a part of the app of their own ([`later`]).
//!
//! [`later`]: crate::later

use std::rc::Rc;

use super::BrowserClient;
use super::callback::{self, Report};
#[cfg(feature = "split")]
use super::load::{LoadError, load};
use super::run::{keep_current, resume};
#[cfg(feature = "split")]
use crate::config::Config;
use crate::oauth::options::SignInOptions;
use crate::session::error::AuthError;
use crate::session::sign_out::SignOutScope;

#[cfg(feature = "split")]
crate::later! { session:
    /// Loads the configuration, or finds out why it cannot be used.
    pub(super) async fn load_config() -> Result<Config, LoadError> {
        load().await
    }
}

crate::later! { session:
    pub(super) async fn answer(client: Rc<BrowserClient>, query: String, report: Report) -> () {
        callback::answer(&client, &query, &*report).await;
    }

    pub(super) async fn switch_user(client: Rc<BrowserClient>) -> bool {
        callback::switch_user(&client).await
    }

    pub(super) async fn restore(client: Rc<BrowserClient>) -> () {
        callback::restore_session(&client).await;
    }

    pub(super) async fn sign_in(
        client: Rc<BrowserClient>,
        return_to: String,
        options: SignInOptions,
    ) -> Result<(), AuthError> {
        super::begin(&client, &return_to, &options).await
    }

    /// After the page came back out of the browser's cache.
    pub(super) async fn resume_page(client: Rc<BrowserClient>) -> () {
        resume(&client).await;
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
