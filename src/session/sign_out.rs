//! Signing out: what is kept here goes first, whatever the network does afterwards.

use super::{Client, record};
use crate::http::Transport;
use crate::oauth::logout::logout_url;
use crate::store::Store;

impl<T: Transport, S: Store> Client<T, S> {
    /// Forgets session and credentials and answers the address that ends the hosted UI's session too.
    pub fn sign_out(&self) -> String {
        self.forget();
        logout_url(&self.config.user_pool, &self.origin)
    }

    /// Forgets session and credentials.
    pub fn forget(&self) {
        record::discard(&self.sessions);
        self.credentials.forget();
    }
}
