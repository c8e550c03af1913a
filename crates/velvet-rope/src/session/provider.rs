//! What has to be known of the provider: its endpoints and its keys. Both are public and change rarely, so both are
//! cached; a cached value that does not fit an answer is requested again, once.
//!
//! Keys are stored for the whole site and for 24 hours; `endpoints` stores endpoints for the tab. A record of another issuer is
//! ignored.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::context::Context;
use super::endpoints::ProviderEndpoints;
use super::error::AuthError;
use super::error::Step;
use super::keys;
use crate::host::{Host, RsaKey};
use crate::http::{HttpResponse, Transport};
use crate::json;
use crate::oauth::discovery::Endpoints;
use crate::oauth::id_token::{Claims, IdTokenError, validate_access_token};
use crate::oauth::jwks::{
    Signed, SigningKey, fitting_keys, jwks_request, parse_jwks, read_keys, signed_parts,
};
use crate::oauth::tokens::{AccessToken, IdToken};
use crate::store::Store;
use crate::time::Timestamp;

/// How long cached keys are used.
const KEYS_LIFETIME: Duration = Duration::from_hours(24);
/// The pause between two requests for the keys because a signature does not fit them.
const DOUBT_PAUSE: Duration = Duration::from_mins(1);

/// The keys and when they were requested, by this device's clock.
struct KeySet {
    keys: Vec<SigningKey>,
    fetched: Timestamp,
}

impl KeySet {
    const NONE: Self = Self {
        keys: Vec::new(),
        fetched: Timestamp(0),
    };
}

/// Endpoints and keys of the provider.
pub(super) struct ProviderMetadata<T, S, H> {
    context: Rc<Context<T, S, H>>,
    endpoints: ProviderEndpoints<T, S, H>,
    keys: RefCell<KeySet>,
    /// When the keys were last requested because a signature did not fit them.
    doubted: Cell<Option<Timestamp>>,
}

impl<T: Transport, S: Store, H: Host> ProviderMetadata<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self {
            endpoints: ProviderEndpoints::new(context.clone()),
            context,
            keys: RefCell::new(KeySet::NONE),
            doubted: Cell::default(),
        }
    }

    /// The endpoints of the provider.
    pub(super) fn endpoints(&self) -> impl Future<Output = Result<Endpoints, AuthError>> {
        self.endpoints.get()
    }

    /// The new endpoints, if an endpoint answered that there is nothing at its address, and it has another one now.
    pub(super) fn moved(
        &self,
        response: &HttpResponse,
        used: &Endpoints,
    ) -> impl Future<Output = Option<Endpoints>> {
        self.endpoints.moved(response, used)
    }

    /// Checks the signature of an ID token and that the access token was issued with it. The key set is requested once more
    /// if the key is unknown, because providers publish a new key before they sign with it, and if the signature does not
    /// fit, because some replace a key and keep its name.
    pub(super) async fn verify(
        &self,
        id_token: &IdToken,
        access_token: &AccessToken,
        claims: &Claims,
    ) -> Result<(), AuthError> {
        let signed = signed_parts(id_token)?;
        let mut verified = self.verify_signature(&signed).await;
        let again = match &verified {
            Ok(()) => false,
            Err(IdTokenError::Signature) => self.may_doubt(),
            Err(_) => true,
        };
        if again {
            self.fetch_keys().await?;
            verified = self.verify_signature(&signed).await;
        }
        verified?;
        Ok(validate_access_token(claims, access_token)?)
    }

    /// Tries each cached key that fits. A key that cannot be used counts as unknown.
    async fn verify_signature(&self, signed: &Signed<'_>) -> Result<(), IdTokenError> {
        let mut error = IdTokenError::UnknownKey;
        for key in self.cached_keys(signed.kid.as_deref())? {
            let (message, signature) = (signed.message, &signed.signature);
            let host = &self.context.ports.host;
            match host.verify_rs256(&key, message, signature).await {
                Some(true) => return Ok(()),
                Some(false) => error = IdTokenError::Signature,
                None => {}
            }
        }
        Err(error)
    }

    /// Whether the keys may be requested because a signature does not fit them. Notes that they are.
    fn may_doubt(&self) -> bool {
        let now = self.context.device_time();
        let recent = self
            .doubted
            .get()
            .is_some_and(|at| now.seconds_from(at).unsigned_abs() < DOUBT_PAUSE.as_secs());
        if !recent {
            self.doubted.set(Some(now));
        }
        !recent
    }

    /// Requests the keys if there are none, so that they are at hand when the tokens arrive. A failure is reported when
    /// they are needed.
    pub(super) async fn prefetch_keys(&self) {
        if self.cached_keys(None) == Err(IdTokenError::UnknownKey) {
            let _ = self.fetch_keys().await;
        }
    }

    /// The keys in memory, else those in storage, unless they are too old.
    fn cached_keys(&self, kid: Option<&str>) -> Result<Vec<RsaKey>, IdTokenError> {
        let now = self.context.device_time();
        let usable = |set: &KeySet| {
            let age = now.seconds_from(set.fetched).unsigned_abs();
            !set.keys.is_empty() && age < KEYS_LIFETIME.as_secs()
        };
        if !usable(&self.keys.borrow()) {
            let stored = self.stored_keys().filter(usable);
            self.keys.replace(stored.unwrap_or(KeySet::NONE));
        }
        let keys = self.keys.borrow();
        let fitting = fitting_keys(&keys.keys, kid)?;
        Ok(fitting.into_iter().cloned().collect())
    }

    /// Stored for all tabs and beyond a sign-out: the keys are public and belong to no session.
    fn stored_keys(&self) -> Option<KeySet> {
        let stored = stored(&self.context.ports.shared, keys::JWKS)?;
        let ours = json::text(&stored, "issuer")? == self.context.config.provider.issuer;
        let set = KeySet {
            keys: read_keys(&stored)?,
            fetched: json::time(&stored, "fetched")?,
        };
        ours.then_some(set)
    }

    /// Requests the key set and replaces the cached one.
    async fn fetch_keys(&self) -> Result<(), AuthError> {
        let endpoints = self.endpoints().await?;
        let request = jwks_request(&endpoints.jwks);
        let mut response = self.context.send(request, Step::Keys).await?;
        if let Some(moved) = self.moved(&response, &endpoints).await {
            let request = jwks_request(&moved.jwks);
            response = self.context.send(request, Step::Keys).await?;
        }
        let keys = parse_jwks(&response)?;
        let fetched = self.context.device_time();
        let written: Vec<Value> = keys.iter().map(write_key).collect();
        let issuer = self.context.config.provider.issuer.as_str();
        let record = json::record([
            ("issuer", issuer.into()),
            ("fetched", fetched.0.into()),
            ("keys", written.into()),
        ]);
        let shared = &self.context.ports.shared;
        let _ = shared.set(keys::JWKS, &json::write(&record));
        self.keys.replace(KeySet { keys, fetched });
        Ok(())
    }
}

/// A stored JSON object; a damaged one counts as missing.
fn stored<S: Store>(store: &S, key: &str) -> Option<Value> {
    json::object(&store.get(key).ok()??)
}

/// In the form of the key set, so that one function reads both.
fn write_key(key: &SigningKey) -> Value {
    json::record([
        ("kty", "RSA".into()),
        ("kid", key.kid.clone().into()),
        ("n", key.key.modulus.as_str().into()),
        ("e", key.key.exponent.as_str().into()),
    ])
}
