//! AWS credentials: fetched when first needed, one flight for all who wait, used until shortly before
//! their expiry, in memory only.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures::lock::Mutex;

use super::error::{AuthError, Step};
use super::event::EventKind;
use super::state::SignedIn;
use super::tabs::Message;
use super::{Client, keys};
use crate::aws::credentials::Credentials;
use crate::aws::identity_pool::{
    IdentityPoolError, Login, credentials_request, id_request, parse_credentials_response,
    parse_id_response,
};
use crate::config::IdentityPool;
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Transport};
use crate::store::Store;
use crate::time::Timestamp;

/// How often a busy identity pool is asked.
const ATTEMPTS: u32 = 4;
/// The first wait before it is asked again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(400);

/// The credentials of whoever uses the app.
#[derive(Default)]
pub(super) struct Cache {
    /// Held by the one caller that fetches; the others wait for it and then find what it brought.
    flight: Mutex<()>,
    held: RefCell<Option<Held>>,
    /// Counts sign-outs and the like, so that a fetch that outlives one does not bring credentials back.
    generation: Cell<u64>,
}

struct Held {
    /// The user, by the `sub` claim; `None` for a guest.
    sub: Option<String>,
    credentials: Credentials,
}

impl Cache {
    fn fresh(&self, sub: Option<&str>, now: Timestamp) -> Option<Credentials> {
        let held = self.held.borrow();
        held.as_ref()
            .filter(|held| held.sub.as_deref() == sub && held.credentials.are_fresh(now))
            .map(|held| held.credentials.clone())
    }

    /// When those at hand stop to work.
    pub(super) fn expiration(&self) -> Option<Timestamp> {
        let held = self.held.borrow();
        held.as_ref().map(|held| held.credentials.expiration)
    }

    /// Drops the credentials, also those that are on their way.
    pub(super) fn forget(&self) {
        self.generation.set(self.generation.get() + 1);
        *self.held.borrow_mut() = None;
    }
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Credentials for whoever is signed in, or for a guest where guests get any: those at hand while they are
    /// fresh, else new ones by one `GetId` and one `GetCredentialsForIdentity`, however many ask at once.
    ///
    /// # Errors
    /// [`AuthError`] when no identity pool is configured, or with what it or the network said.
    pub async fn credentials(&self) -> Result<Credentials, AuthError> {
        let pool = self.config.identity_pool.as_ref();
        let pool = pool.ok_or(AuthError::NoIdentityPool)?;
        let _flight = self.credentials.flight.lock().await;
        self.settled().await;
        let login = match self.signed_in() {
            None if pool.guest_access => None,
            _ => Some(self.fresh().await?),
        };
        let sub = login.as_ref().map(|login| login.claims.sub.clone());
        if let Some(credentials) = self.credentials.fresh(sub.as_deref(), self.now()) {
            return Ok(credentials);
        }
        let generation = self.credentials.generation.get();
        let credentials = self.fetch_credentials(pool, login).await?;
        if self.credentials.generation.get() == generation {
            *self.credentials.held.borrow_mut() = Some(Held {
                sub,
                credentials: credentials.clone(),
            });
            let expiration = credentials.expiration;
            self.emit(EventKind::CredentialsRenewed { expiration });
        }
        Ok(credentials)
    }

    /// Each of the two refusals that a repetition can mend is mended once.
    async fn fetch_credentials(
        &self,
        pool: &IdentityPool,
        mut login: Option<Box<SignedIn>>,
    ) -> Result<Credentials, AuthError> {
        let (mut renewed, mut forgotten) = (false, false);
        loop {
            let outcome = self.credentials_once(pool, login.as_deref()).await;
            match (&outcome, &login) {
                (Err(AuthError::IdentityPool(IdentityPoolError::TokenExpired)), Some(expired))
                    if !renewed =>
                {
                    renewed = true;
                    login = Some(self.renew(expired).await?);
                }
                (Err(AuthError::IdentityPool(IdentityPoolError::IdentityForbidden)), _)
                    if !forgotten =>
                {
                    forgotten = true;
                    self.remember_identity(login.as_deref(), None);
                }
                _ => return outcome,
            }
        }
    }

    async fn credentials_once(
        &self,
        pool: &IdentityPool,
        signed_in: Option<&SignedIn>,
    ) -> Result<Credentials, AuthError> {
        let login = signed_in.map(|signed_in| Login {
            provider: self.config.provider.logins_key.clone(),
            id_token: signed_in.tokens.id_token.clone(),
        });
        let login = login.as_ref();
        let identity_id = if let Some(remembered) = self.remembered_identity(signed_in) {
            remembered
        } else {
            let response = self.ask_identity_pool(id_request(pool, login)).await?;
            let identity_id = parse_id_response(&response)?;
            self.remember_identity(signed_in, Some(&identity_id));
            identity_id
        };
        let role = signed_in.and_then(|signed_in| self.latest(signed_in).role);
        let request = credentials_request(pool, &identity_id, login, role.as_deref());
        let response = self.ask_identity_pool(request).await?;
        let credentials = parse_credentials_response(&response)?;
        self.learn_from(&response);
        if credentials.identity_id != identity_id {
            self.remember_identity(signed_in, Some(&credentials.identity_id));
        }
        Ok(credentials)
    }

    /// What is known by now of the session of a login, which may be over.
    fn latest(&self, login: &SignedIn) -> SignedIn {
        let current = self.signed_in().filter(|current| current.id == login.id);
        current.map_or_else(|| login.clone(), |current| *current)
    }

    /// Of whoever is signed in, with the session; of guests, for itself, under the name of the pool.
    fn remembered_identity(&self, signed_in: Option<&SignedIn>) -> Option<String> {
        if let Some(signed_in) = signed_in {
            return self.latest(signed_in).identity_id;
        }
        let pool = &self.config.identity_pool.as_ref()?.id;
        let kept = self.sessions.get(keys::GUEST).ok()??;
        let identity_id = kept.strip_prefix(pool.as_str())?.strip_prefix(' ')?;
        Some(identity_id.to_owned())
    }

    fn remember_identity(&self, signed_in: Option<&SignedIn>, identity_id: Option<&str>) {
        let Some(signed_in) = signed_in else {
            let pool = self.config.identity_pool.as_ref();
            let _ = match (pool, identity_id) {
                (Some(pool), Some(identity_id)) => {
                    let kept = [&pool.id, " ", identity_id].concat();
                    self.sessions.set(keys::GUEST, &kept)
                }
                _ => self.sessions.remove(keys::GUEST),
            };
            return;
        };
        // The tokens may have been renewed since the identity pool was asked.
        if let Some(mut current) = self.signed_in()
            && current.id == signed_in.id
        {
            current.identity_id = identity_id.map(str::to_owned);
            self.persist(&current);
            self.tell_identity(&current);
        }
    }

    fn tell_identity(&self, signed_in: &SignedIn) {
        self.broadcast(&Message::Identity {
            id: signed_in.id.clone(),
            role: signed_in.role.clone(),
            identity_id: signed_in.identity_id.clone(),
        });
    }

    /// Chooses one of the roles that the ID token offers, for every tab; `None` leaves the choice to the identity
    /// pool again. It takes effect with the next signed call, without a new sign-in.
    /// Source: Amazon Cognito Developer Guide, "Using role-based access control".
    ///
    /// # Errors
    /// [`AuthError::RoleNotOffered`] when the ID token does not list it.
    pub fn choose_role(&self, role: Option<&str>) -> Result<(), AuthError> {
        let mut signed_in = self.signed_in().ok_or(AuthError::SignInRequired)?;
        let offered = &signed_in.claims.roles;
        if role.is_some_and(|role| !offered.iter().any(|offered| offered == role)) {
            return Err(AuthError::RoleNotOffered);
        }
        signed_in.role = role.map(str::to_owned);
        self.credentials.forget();
        self.persist(&signed_in);
        self.tell_identity(&signed_in);
        self.emit(EventKind::RoleChanged(signed_in.role));
        Ok(())
    }

    /// Asks the identity pool, and again after a while as long as it is only busy.
    async fn ask_identity_pool(&self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..ATTEMPTS {
            let response = self.ask(request.clone(), Step::IdentityPool).await?;
            let busy = response.status >= 500 || response.body.contains("TooManyRequestsException");
            if !busy {
                return Ok(response);
            }
            self.host
                .pause(wait.mul_f64(0.5 + self.host.jitter()))
                .await;
            wait *= 2;
        }
        self.ask(request, Step::IdentityPool).await
    }
}
