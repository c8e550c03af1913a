//! Starting a sign-in: remember it, then leave for the hosted UI.

use super::error::AuthError;
use super::{Client, keys};
use crate::http::Transport;
use crate::oauth::authorize::{AuthorizeRequest, Entropy, authorize};
use crate::store::{Store, StoreError};

impl<T: Transport, S: Store> Client<T, S> {
    /// Starts a sign-in from the page `return_to` (a path on this site) and answers the address to send
    /// the browser to.
    ///
    /// # Errors
    /// When the browser keeps nothing: the callback could then not be trusted.
    pub fn begin_sign_in(&self, return_to: &str, entropy: Entropy) -> Result<String, AuthError> {
        let AuthorizeRequest { url, pending } = authorize(
            &self.config.user_pool,
            &self.origin,
            return_to,
            entropy,
            (self.now)(),
        );
        let text = serde_json::to_string(&pending).map_err(|_| StoreError::Full)?;
        self.pending.set(&keys::pending(&pending.state), &text)?;
        Ok(url)
    }
}
