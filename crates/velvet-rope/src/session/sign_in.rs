//! Starting a sign-in: remember it, then leave for the hosted UI.

use serde_json::json;

use super::error::AuthError;
use super::{Client, keys};
use crate::host::Host;
use crate::http::Transport;
use crate::oauth::authorize::{
    AuthorizeRequest, Entropy, Start, authorize, passkey_url, safe_return_to,
};
use crate::oauth::options::SignInOptions;
use crate::store::{Store, StoreError};

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Starts a sign-in from the page `return_to` (a path on this site) and answers the address to send
    /// the browser to.
    ///
    /// # Errors
    /// When the browser keeps nothing: the callback could then not be trusted. When the provider has to be asked
    /// for its endpoints and does not tell. When nobody is signed in who could prove it again.
    pub async fn begin_sign_in(
        &self,
        return_to: &str,
        options: &SignInOptions,
        entropy: Entropy,
    ) -> Result<String, AuthError> {
        self.sweep();
        let subject = match (options.step_up, self.signed_in()) {
            (true, None) => return Err(AuthError::SignInRequired),
            (true, Some(signed_in)) => Some(signed_in.claims.sub),
            (false, _) => None,
        };
        let endpoints = self.endpoints().await?;
        let start = Start {
            origin: &self.origin,
            return_to,
            subject: subject.as_deref(),
            now: self.host.now(),
        };
        let AuthorizeRequest { url, pending } =
            authorize(&self.config.provider, &endpoints, start, options, entropy);
        let text = serde_json::to_string(&pending).map_err(|_| StoreError::Full)?;
        self.pending.set(&keys::pending(&pending.state), &text)?;
        let _ = self.pending.remove(keys::SIGN_OUT);
        Ok(url)
    }

    /// Starts to add a passkey from the page `return_to` and answers the address to send the browser to.
    ///
    /// # Errors
    /// When nobody is signed in, the provider has no such page, or the browser keeps nothing.
    pub fn begin_passkey(&self, return_to: &str) -> Result<String, AuthError> {
        self.signed_in().ok_or(AuthError::SignInRequired)?;
        let url = passkey_url(&self.config.provider, &self.origin);
        let url = url.ok_or(AuthError::NoPasskeys)?;
        let pending =
            json!({ "return_to": safe_return_to(return_to), "created": self.host.now().0 });
        self.pending.set(keys::PASSKEY, &pending.to_string())?;
        Ok(url)
    }
}
