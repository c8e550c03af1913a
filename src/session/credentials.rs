//! AWS credentials: fetched when first needed, one flight for all who wait, used until shortly before
//! their expiry, in memory only.

use std::cell::{Cell, RefCell};

use futures::lock::Mutex;

use super::Client;
use super::error::{AuthError, Step};
use super::state::SignedIn;
use crate::aws::credentials::Credentials;
use crate::aws::identity_pool::{
    Login, credentials_request, id_request, parse_credentials_response, parse_id_response,
};
use crate::http::{HttpRequest, HttpResponse, Transport};
use crate::store::Store;
use crate::time::Timestamp;

/// The credentials of whoever is signed in.
#[derive(Default)]
pub(super) struct Cache {
    /// Held by the one caller that fetches; the others wait for it and then find what it brought.
    flight: Mutex<()>,
    held: RefCell<Option<Held>>,
    /// Counts sign-outs, so that a fetch that outlives one does not bring credentials back.
    generation: Cell<u64>,
}

struct Held {
    sub: String,
    credentials: Credentials,
}

impl Cache {
    fn fresh(&self, sub: &str, now: Timestamp) -> Option<Credentials> {
        let held = self.held.borrow();
        held.as_ref()
            .filter(|held| held.sub == sub && held.credentials.are_fresh(now))
            .map(|held| held.credentials.clone())
    }

    fn hold(&self, generation: u64, sub: &str, credentials: &Credentials) {
        if self.generation.get() == generation {
            *self.held.borrow_mut() = Some(Held {
                sub: sub.to_owned(),
                credentials: credentials.clone(),
            });
        }
    }

    /// Drops the credentials, also those that are on their way.
    pub(super) fn forget(&self) {
        self.generation.set(self.generation.get() + 1);
        *self.held.borrow_mut() = None;
    }
}

impl<T: Transport, S: Store> Client<T, S> {
    /// Credentials for whoever is signed in: those at hand while they are fresh, else new ones by one
    /// `GetId` and one `GetCredentialsForIdentity`, however many ask at once.
    ///
    /// # Errors
    /// [`AuthError`] when no identity pool is configured, or with what it or the network said.
    pub async fn credentials(&self, signed_in: &SignedIn) -> Result<Credentials, AuthError> {
        let sub = &signed_in.claims.sub;
        let _flight = self.credentials.flight.lock().await;
        if let Some(credentials) = self.credentials.fresh(sub, (self.now)()) {
            return Ok(credentials);
        }
        let generation = self.credentials.generation.get();
        let credentials = self.fetch_credentials(signed_in).await?;
        self.credentials.hold(generation, sub, &credentials);
        Ok(credentials)
    }

    async fn fetch_credentials(&self, signed_in: &SignedIn) -> Result<Credentials, AuthError> {
        let pool = self
            .config
            .identity_pool
            .as_ref()
            .ok_or(AuthError::NoIdentityPool)?;
        let provider = self.config.user_pool.logins_key().to_owned();
        let login = Login {
            provider,
            id_token: signed_in.tokens.id_token.clone(),
        };
        let identity_id =
            parse_id_response(&self.ask_identity_pool(id_request(pool, &login)).await?)?;
        let response = self
            .ask_identity_pool(credentials_request(pool, &identity_id, &login))
            .await?;
        Ok(parse_credentials_response(&response)?)
    }

    async fn ask_identity_pool(&self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        let sent = self.transport.send(request).await;
        sent.map_err(|source| AuthError::Transport {
            during: Step::IdentityPool,
            source,
        })
    }
}
