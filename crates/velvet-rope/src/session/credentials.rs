//! AWS credentials: requested when first needed, once for all callers that wait, and used until shortly before their
//! expiry.
//!
//! Tabs do not share credentials: each requests its own. A request that begins for one session or role is not used for
//! another one (`credentials_cache`).

use std::rc::Rc;
use std::time::Duration;

use futures::lock::Mutex;

use super::context::Context;
use super::credentials_cache::CredentialsCache;
use super::credentials_cache::Subject;
use super::error::AuthError;
use super::error::Step;
use super::event::EventKind;
use super::keys;
use super::renewal::Renewal;
use super::session_store::SessionStore;
use super::state::SignedIn;
use super::tabs::Tabs;
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

/// How many requests a busy identity pool gets.
const ATTEMPTS: u32 = 4;
/// The wait before the second request; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(400);

/// The AWS credentials of the user, or of a guest.
pub(super) struct CredentialsSource<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    cache: Rc<CredentialsCache>,
    /// Held by the one caller that requests them; the others use its result.
    flight: Mutex<()>,
}

impl<T: Transport, S: Store, H: Host> CredentialsSource<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        renewal: Rc<Renewal<T, S, H>>,
        cache: Rc<CredentialsCache>,
    ) -> Self {
        Self {
            context,
            store,
            tabs,
            renewal,
            cache,
            flight: Mutex::default(),
        }
    }

    /// When the credentials at hand expire.
    pub(super) fn expiration(&self) -> Option<Timestamp> {
        self.cache.expiration()
    }

    /// Drops the credentials, also those that are requested now.
    pub(super) fn forget(&self) {
        self.cache.forget();
    }

    /// The credentials at hand while they are fresh, else new ones.
    /// Without a user, those of a guest where the configuration allows guests.
    pub(super) async fn fresh(&self) -> Result<Credentials, AuthError> {
        let pool = self.context.config.identity_pool.as_ref();
        let pool = pool.ok_or(AuthError::NoIdentityPool)?;
        let _flight = self.flight.lock().await;
        self.tabs.restored().await;
        let mut repeated = false;
        loop {
            let login = match self.store.signed_in() {
                None if pool.guest_access => None,
                _ => Some(self.renewal.fresh().await?),
            };
            let subject = Subject {
                session: login.as_ref().map(|login| login.id.clone()),
                role: login
                    .as_ref()
                    .and_then(|login| login.identity.role.value.clone()),
            };
            if let Some(credentials) = self.cache.fresh(&subject, self.context.now()) {
                return Ok(credentials);
            }
            let session = subject.session.clone();
            let generation = self.cache.generation();
            let credentials = self.request(pool, login).await?;
            if self.cache.store(generation, subject, &credentials) {
                let expiration = credentials.expiration;
                self.context
                    .emit(EventKind::CredentialsRenewed { expiration });
                return Ok(credentials);
            }
            // Meanwhile the user signed out, another one signed in, or the role changed: these are for none of them.
            let current = self.store.signed_in().map(|signed_in| signed_in.id);
            match current {
                None if session.is_some() => return Err(AuthError::SignInRequired),
                current if current == session && !repeated => repeated = true,
                _ => return Err(AuthError::SessionChanged),
            }
        }
    }

    /// Requests credentials. Each refusal that a second request can repair leads to one.
    async fn request(
        &self,
        pool: &IdentityPool,
        mut login: Option<Box<SignedIn>>,
    ) -> Result<Credentials, AuthError> {
        let (mut renewed, mut forgotten) = (false, false);
        loop {
            let outcome = self.request_once(pool, login.as_deref()).await;
            match (&outcome, &login) {
                (Err(AuthError::IdentityPool(IdentityPoolError::TokenExpired)), Some(expired))
                    // Where renewals bring no ID token, another one brings none either.
                    if !renewed && expired.has_current_id_token() =>
                {
                    renewed = true;
                    login = Some(self.renewal.renew(expired).await?);
                }
                (
                    Err(AuthError::IdentityPool(
                        IdentityPoolError::IdentityForbidden | IdentityPoolError::IdentityNotFound,
                    )),
                    _,
                ) if !forgotten => {
                    forgotten = true;
                    self.remember_identity(pool, login.as_deref(), None);
                }
                _ => return outcome,
            }
        }
    }

    /// One `GetCredentialsForIdentity`, after one `GetId` if the identity is not known yet.
    async fn request_once(
        &self,
        pool: &IdentityPool,
        signed_in: Option<&SignedIn>,
    ) -> Result<Credentials, AuthError> {
        let login = signed_in.map(|signed_in| Login {
            provider: self.context.config.provider.logins_key.clone(),
            id_token: signed_in.tokens.id_token.clone(),
        });
        let login = login.as_ref();
        let identity_id = if let Some(remembered) = self.remembered_identity(pool, signed_in) {
            remembered
        } else {
            let response = self.ask(id_request(pool, login)).await?;
            let identity_id = parse_id_response(&response)?;
            self.remember_identity(pool, signed_in, Some(&identity_id));
            identity_id
        };
        let role = signed_in.and_then(|signed_in| self.latest(signed_in).identity.role.value);
        let request = credentials_request(pool, &identity_id, login, role.as_deref());
        let response = self.ask(request).await?;
        let credentials = parse_credentials_response(&response)?;
        self.context.learn_from(&response);
        if credentials.identity_id != identity_id {
            self.remember_identity(pool, signed_in, Some(&credentials.identity_id));
        }
        Ok(credentials)
    }

    /// What is known by now of the session of a login, which may be over.
    fn latest(&self, login: &SignedIn) -> SignedIn {
        let current = self
            .store
            .signed_in()
            .filter(|current| current.id == login.id);
        current.map_or_else(|| login.clone(), |current| *current)
    }

    /// The identity of a user is part of the session; that of a guest is stored alone, under the id of the pool.
    fn remembered_identity(
        &self,
        pool: &IdentityPool,
        signed_in: Option<&SignedIn>,
    ) -> Option<String> {
        if let Some(signed_in) = signed_in {
            return self.latest(signed_in).identity.id.value;
        }
        let stored = self.context.ports.sessions.get(keys::GUEST).ok()??;
        let identity_id = stored.strip_prefix(pool.id.as_str())?.strip_prefix(' ')?;
        Some(identity_id.to_owned())
    }

    /// `None` forgets it.
    fn remember_identity(
        &self,
        pool: &IdentityPool,
        signed_in: Option<&SignedIn>,
        identity_id: Option<&str>,
    ) {
        let Some(signed_in) = signed_in else {
            let sessions = &self.context.ports.sessions;
            let _ = match identity_id {
                Some(id) => sessions.set(keys::GUEST, &[&pool.id, " ", id].concat()),
                None => sessions.remove(keys::GUEST),
            };
            return;
        };
        // Since the request, the tokens may have been renewed and another role chosen.
        if let Some(current) = self
            .store
            .signed_in()
            .filter(|current| current.id == signed_in.id)
        {
            let mut identity = current.identity;
            identity.id.set(identity_id.map(str::to_owned));
            self.tabs.set_identity(&signed_in.id, identity);
        }
    }

    /// Chooses one of the roles that the ID token offers, for every tab.
    pub(super) fn choose_role(&self, role: Option<&str>) -> Result<(), AuthError> {
        let signed_in = self.store.signed_in().ok_or(AuthError::SignInRequired)?;
        let offered = &signed_in.claims.roles;
        if role.is_some_and(|role| !offered.iter().any(|offered| offered == role)) {
            return Err(AuthError::RoleNotOffered);
        }
        let mut identity = signed_in.identity;
        identity.role.set(role.map(str::to_owned));
        self.tabs.set_identity(&signed_in.id, identity);
        Ok(())
    }

    /// Sends a request to the identity pool, and again after a while as long as it is only busy.
    /// Each wait is spread by half in both directions, so that many tabs do not repeat at the same moment.
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..ATTEMPTS {
            let sent = self.context.send(request.clone(), Step::IdentityPool);
            let response = sent.await?;
            let busy =
                response.status >= 500 || response.text().contains("TooManyRequestsException");
            if !busy {
                return Ok(response);
            }
            let host = &self.context.ports.host;
            host.pause(wait.mul_f64(0.5 + host.jitter())).await;
            wait *= 2;
        }
        self.context.send(request, Step::IdentityPool).await
    }
}
