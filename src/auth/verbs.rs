//! What people can do: sign in, sign out, call a route.

use leptos::prelude::*;

use super::Auth;
use crate::browser::{page, random};
use crate::config::{Route, RouteAuth};
use crate::gateway::answer::Answer;
use crate::session::error::AuthError;
use crate::session::state::{Session, SignedIn, SignedOutReason};

impl Auth {
    /// Leaves for the hosted UI. Afterwards the person is back on the page `return_to`, a path of this site.
    pub fn sign_in(self, return_to: &str) {
        match self.sign_in_address(return_to) {
            Ok(url) => {
                self.set_session(Session::SigningIn);
                let _ = page::leave_for(&url);
            }
            Err(error) => self.set_session(Session::SignedOut(SignedOutReason::Failed(error))),
        }
    }

    fn sign_in_address(self, return_to: &str) -> Result<String, AuthError> {
        if !page::is_secure_context() {
            return Err(AuthError::InsecureContext);
        }
        let entropy = random::entropy().ok_or(AuthError::NoRandomness)?;
        self.client().begin_sign_in(return_to, entropy)
    }

    /// Forgets session and credentials, then leaves to end the hosted UI's session too.
    pub fn sign_out(self) {
        let url = self.client().sign_out();
        self.set_session(Session::SignedOut(SignedOutReason::SignedOut));
        let _ = page::leave_for(&url);
    }

    /// Takes the session up again, as on a page load: for a "try again" after the network failed.
    pub fn retry(self) {
        self.restore();
    }

    /// Calls a route with what its protection asks for.
    ///
    /// # Errors
    /// [`AuthError`] when the request could not be sent or was not answered.
    pub async fn call(self, route: &Route) -> Result<Answer, AuthError> {
        let signed_in = match route.auth {
            RouteAuth::Open => None,
            RouteAuth::Iam | RouteAuth::Bearer => Some(self.fresh_session().await?),
        };
        self.client().call(route, signed_in.as_deref()).await
    }

    /// Whoever is signed in, with tokens that still hold; one renewal for all who ask at once.
    async fn fresh_session(self) -> Result<Box<SignedIn>, AuthError> {
        let client = self.client();
        let renewing = self.renewing.get_value();
        let _flight = renewing.lock().await;
        let signed_in = self.signed_in().ok_or(AuthError::SignInRequired)?;
        if !client.needs_renewal(&signed_in) {
            return Ok(signed_in);
        }
        let epoch = self.epoch.get_value();
        match client.renew(&signed_in).await {
            Ok(renewed) => {
                let renewed = Box::new(renewed);
                self.set_session_if(epoch, Session::SignedIn(renewed.clone()));
                Ok(renewed)
            }
            Err(error) if error.needs_sign_in() => {
                client.forget();
                self.set_session_if(epoch, Session::SignedOut(SignedOutReason::Expired));
                Err(AuthError::SessionExpired)
            }
            Err(error) => Err(error),
        }
    }
}
