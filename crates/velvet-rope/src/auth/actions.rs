//! What people can do: sign in, sign out, call a route, choose a role.

use leptos::prelude::Notify as _;
use leptos::task::spawn_local;

use super::Auth;
use crate::browser::{page, random};
use crate::config::Route;
use crate::gateway::answer::Answer;
use crate::oauth::options::SignInOptions;
use crate::session::accounts::{AccountError, AccountSignOut};
use crate::session::error::AuthError;
use crate::session::sign_out::SignOutScope;

impl Auth {
    /// Leaves for the hosted UI. Afterwards the person is back on the page `return_to`, a path of this site.
    pub fn sign_in(self, return_to: &str) {
        self.sign_in_with(return_to, SignInOptions::default());
    }

    /// Leaves for the hosted UI with more to ask for: a certain identity provider, a new account, to sign in
    /// again before something that matters.
    ///
    /// ```
    /// use velvet_rope::auth::Auth;
    /// use velvet_rope::oauth::options::SignInOptions;
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
            let shared = self.shared();
            let begun = match random::entropy() {
                _ if !page::is_secure_context() => Err(AuthError::InsecureContext),
                None => Err(AuthError::NoRandomness),
                Some(entropy) => {
                    shared
                        .client
                        .begin_sign_in(&return_to, &options, entropy)
                        .await
                }
            };
            self.leave(begun);
        });
    }

    /// Leaves for the hosted page that adds a passkey for whoever is signed in.
    pub fn add_passkey(self, return_to: &str) {
        self.leave(self.shared().client.begin_passkey(return_to));
    }

    fn leave(self, begun: Result<String, AuthError>) {
        match begun {
            Ok(url) => {
                self.shared().client.leaving();
                let _ = page::leave_for(&url);
            }
            Err(error) => {
                self.shared().client.fail(error.clone());
                self.report_error(error);
            }
        }
    }

    /// Forgets session and credentials in every tab, revokes what can be revoked, then leaves to end the
    /// provider's own session too. Whether the browser stays on this site instead, because the provider cannot be
    /// reached: then show what [`Auth::sign_out_report`] says.
    pub async fn sign_out(self, scope: SignOutScope) -> bool {
        let url = self.shared().client.sign_out(scope).await;
        url.is_none_or(|url| !page::leave_for(&url))
    }

    /// Takes the session up again, as on a page load: for a "try again" after the network failed.
    pub fn retry(self) {
        spawn_local(async move {
            // What goes wrong is told as an event.
            let _ = self.shared().client.retry().await;
        });
    }

    /// Renews the tokens now, whether or not it is time.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when nobody is signed in; otherwise why there are no new tokens.
    pub async fn renew(self) -> Result<(), AuthError> {
        self.shared().client.renew_now().await
    }

    /// Goes on with a session that was about to end because nobody used it.
    pub fn extend_session(self) {
        self.shared().client.touch();
        self.note_idle();
    }

    /// Chooses one of the roles that the ID token offers, for every tab; `None` leaves the choice to the
    /// identity pool again.
    ///
    /// # Errors
    /// [`AuthError::RoleNotOffered`] when the ID token does not list it.
    pub fn choose_role(self, role: Option<&str>) -> Result<(), AuthError> {
        self.shared().client.choose_role(role)
    }

    /// Signs in with an account of the API's own, which is made first if it is `new`.
    ///
    /// # Errors
    /// Why nobody is signed in.
    pub async fn sign_in_account(
        self,
        new: bool,
        name: &str,
        password: &str,
    ) -> Result<(), AccountError> {
        let client = &self.shared().client;
        client.sign_in_account(new, name, password).await?;
        self.session.notify();
        Ok(())
    }

    /// Signs out of the account of the API's own. `None` when nobody was signed in with one.
    pub async fn sign_out_account(self) -> Option<AccountSignOut> {
        let outcome = self.shared().client.sign_out_account().await;
        self.session.notify();
        outcome
    }

    /// Calls a route with what its protection asks for.
    ///
    /// # Errors
    /// [`AuthError`] when the request could not be sent or was not answered.
    pub async fn call(self, route: &Route) -> Result<Answer, AuthError> {
        self.shared().client.call(route).await
    }
}
