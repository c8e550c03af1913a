//! The methods of [`Client`] that call the API.

use std::rc::Rc;
use std::time::Duration;

use super::Client;
use crate::config::Route;
#[cfg(feature = "browser")]
use crate::gateway::CancelToken;
use crate::gateway::RequestError;
use crate::gateway::answer::Answer;
use crate::host::Host;
use crate::http::{Method, Transport};
use crate::session::CallError;
use crate::session::Gateway;
use crate::store::Store;

impl<T, S, H> Client<T, S, H>
where
    T: Transport + 'static,
    S: Store + 'static,
    H: Host + 'static,
{
    /// A client for the API: the builder of calls, as a guest or as the signed-in user.
    #[must_use]
    pub fn gateway(&self) -> Gateway<T, S, H> {
        Gateway::new(Rc::clone(&self.calls))
    }

    /// The address of a WebSocket, `wss://…`, with a signature in its query that is valid for `valid`. Nothing is sent.
    ///
    /// # Errors
    /// [`CallError`] when the address is not valid, or there are no credentials.
    pub async fn presign_socket(&self, url: &str, valid: Duration) -> Result<String, CallError> {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let signed_as = match scheme {
            "wss" => "https://",
            "ws" => "http://",
            _ => return Err(RequestError::Address.into()),
        };
        let signed = [signed_as, rest].concat();
        let signed = self.calls.presign_url(Method::Get, &signed, valid).await?;
        Ok(["ws", signed.strip_prefix("http").unwrap_or_default()].concat())
    }

    /// Cancelled when the user signs out, or another one signs in.
    #[cfg(feature = "browser")]
    pub(crate) fn calls_of_user(&self) -> CancelToken {
        self.store.calls()
    }

    /// Drops the credentials: the next signed call fetches new ones, whose answer corrects the clock by its `Date`.
    pub fn forget_credentials(&self) {
        self.credentials.forget();
    }

    /// Calls a route of the configuration without a body: short for [`Gateway::request`].
    ///
    /// It gets tokens and credentials first, if they are missing or about to expire.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`](crate::AuthError::SignInRequired) before anything is sent when the route requires a signed-in user; otherwise why the
    /// request could not be sent or was not answered. A refusal by the gateway is an [`Answer`], not an error.
    pub async fn call(&self, route: &Route) -> Result<Answer, CallError> {
        let request = self.gateway().request(route.method, &route.path);
        request.auth(route.auth.into()).send().await
    }
}
