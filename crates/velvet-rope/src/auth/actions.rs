//! The actions of [`Auth`]: sign in, sign out, call a route, choose a role.
//!
//! Their futures are boxes made by plain functions: the code of an `async fn` would be compiled once more in each crate that awaits it.

use futures::future::LocalBoxFuture;
use leptos::prelude::Notify as _;
use leptos::task::spawn_local;

use super::Auth;
use crate::client;
use crate::client::{BrowserGateway, Socket, SocketEvent, open_socket};
use crate::config::Route;
use crate::gateway::answer::Answer;
use crate::oauth::options::SignInOptions;
use crate::session::CallError;
use crate::session::accounts::{AccountError, AccountSignOut};
use crate::session::error::AuthError;
use crate::session::sign_out::SignOutScope;

impl Auth {
    /// Leaves for the provider's sign-in page. Afterwards the user is back on the page `return_to`, a path of this
    /// site.
    pub fn sign_in(self, return_to: &str) {
        self.sign_in_with(return_to, SignInOptions::default());
    }

    /// Leaves for the provider's sign-in page with options: a certain identity provider, a new account, signing in
    /// again before a critical action.
    ///
    /// ```
    /// use velvet_rope::{Auth, SignInOptions};
    ///
    /// fn sign_in_with_google(auth: Auth) {
    ///     let options = SignInOptions {
    ///         identity_provider: Some("Google".to_owned()),
    ///         ..SignInOptions::default()
    ///     };
    ///     auth.sign_in_with("/orders", options);
    /// }
    /// ```
    pub fn sign_in_with(self, return_to: &str, options: SignInOptions) {
        let return_to = return_to.to_owned();
        self.clear_error();
        spawn_local(async move {
            let client = &self.shared().client;
            self.report(client::sign_in(client, &return_to, &options).await);
        });
    }

    /// Leaves for the provider's page that adds a passkey for the signed-in user.
    pub fn add_passkey(self, return_to: &str) {
        self.report(client::add_passkey(&self.shared().client, return_to));
    }

    fn report(self, result: Result<(), AuthError>) {
        if let Err(error) = result {
            self.report_error(error);
        }
    }

    /// The path to return to after a sign-in that begins on this page: the page itself, or `/` when it is the callback
    /// page or the page after signing out.
    #[must_use]
    pub fn return_path(self) -> String {
        client::return_path(self.shared().client.config())
    }

    /// Deletes session and credentials in every tab, revokes the refresh token, then leaves for the provider to end its
    /// session too. Returns whether the browser stays on this site because the provider cannot be reached: then show
    /// [`Auth::sign_out_report`]. [`use_sign_out`](super::use_sign_out) does so by itself.
    #[must_use = "an action begins when its future is awaited"]
    pub fn sign_out(self, scope: SignOutScope) -> LocalBoxFuture<'static, bool> {
        Box::pin(async move {
            self.signing_out.update(|signing_out| *signing_out = true);
            let stays = client::sign_out(&self.shared().client, scope).await;
            self.signing_out.update(|signing_out| *signing_out = false);
            stays
        })
    }

    /// Restores the session again, as on a page load, for a "try again" after a network failure.
    pub fn retry(self) {
        spawn_local(async move {
            // An error is reported as an event.
            let _ = self.shared().client.retry().await;
        });
    }

    /// Renews the tokens now, even if they are not about to expire.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when no user is signed in; otherwise why there are no new tokens.
    #[must_use = "an action begins when its future is awaited"]
    pub fn renew(self) -> LocalBoxFuture<'static, Result<(), AuthError>> {
        Box::pin(async move { self.shared().client.renew_now().await })
    }

    /// Extends a session that is about to end because it is idle.
    pub fn extend_session(self) {
        self.shared().client.touch();
        self.update_idle_end();
    }

    /// Chooses one of the roles of the ID token for signed calls, in every tab; `None` leaves the choice to the
    /// identity pool.
    ///
    /// # Errors
    /// [`AuthError::RoleNotOffered`] when the ID token does not list it.
    pub fn choose_role(self, role: Option<&str>) -> Result<(), AuthError> {
        self.shared().client.choose_role(role)
    }

    /// Drops the AWS credentials of this tab, so that the next signed call fetches new ones.
    ///
    /// For a "try again" after a gateway refused them, or refused the time of the signature: the answer with the new
    /// credentials corrects the clock too, if its `Date` can be read.
    pub fn forget_credentials(self) {
        self.shared().client.forget_credentials();
    }

    /// Signs in with an API-managed account, which is created first if it is `new`.
    ///
    /// # Errors
    /// Why the user is not signed in.
    #[must_use = "an action begins when its future is awaited"]
    pub fn sign_in_account<'a>(
        self,
        new: bool,
        name: &'a str,
        password: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), AccountError>> {
        Box::pin(async move {
            let client = &self.shared().client;
            client.sign_in_account(new, name, password).await?;
            self.session.notify();
            Ok(())
        })
    }

    /// Signs out of the API-managed account. `None` when no user was signed in with one.
    #[must_use = "an action begins when its future is awaited"]
    pub fn sign_out_account(self) -> LocalBoxFuture<'static, Option<AccountSignOut>> {
        Box::pin(async move {
            let outcome = self.shared().client.sign_out_account().await;
            self.session.notify();
            outcome
        })
    }

    /// A client for the API: the builder of calls.
    ///
    /// ```
    /// use velvet_rope::{Auth, CallError};
    ///
    /// async fn rename(auth: Auth, id: u32, name: &str) -> Result<bool, CallError> {
    ///     let request = auth.gateway().put("/items/{id}").path("id", id);
    ///     let answer = request.json(&serde_json::json!({ "name": name })).send().await?;
    ///     Ok(answer.is_success())
    /// }
    /// ```
    #[must_use]
    pub fn gateway(self) -> BrowserGateway {
        self.shared().client.gateway()
    }

    /// Opens a WebSocket to an API with IAM protection; see [`open_socket`].
    #[must_use]
    pub fn open_socket(self, url: &str, on_event: impl Fn(SocketEvent) + 'static) -> Socket {
        open_socket(&self.shared().client, url, on_event)
    }

    /// Calls a route with the API key, signature or access token that its protection requires. An answer of the API is
    /// an [`Answer`] whatever its status.
    ///
    /// ```
    /// use velvet_rope::{Auth, CallError};
    ///
    /// async fn load_first(auth: Auth) -> Result<String, CallError> {
    ///     let answer = auth.call(&auth.config().api.routes[0]).await?;
    ///     Ok(answer.text().into_owned())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`CallError`] when the request could not be sent, or no answer came.
    #[must_use = "an action begins when its future is awaited"]
    pub fn call(self, route: &Route) -> LocalBoxFuture<'_, Result<Answer, CallError>> {
        Box::pin(async move { self.shared().client.call(route).await })
    }
}
