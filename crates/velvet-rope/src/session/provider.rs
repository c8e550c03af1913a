//! What has to be known of the provider: its endpoints and its keys. Both are public and change rarely, so both are
//! cached.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::context::Context;
use super::error::AuthError;
use super::error::Step;
use super::keys;
use crate::host::{Host, RsaKey};
use crate::http::Transport;
use crate::json;
use crate::oauth::discovery::{
    Endpoints, discovery_request, known_endpoints, parse_discovery, read_endpoints, record,
};
use crate::oauth::id_token::{Claims, IdTokenError, validate_access_token};
use crate::oauth::jwks::{
    SigningKey, fitting_keys, jwks_request, parse_jwks, read_keys, signed_parts,
};
use crate::oauth::tokens::{AccessToken, IdToken};
use crate::store::Store;
use crate::time::Timestamp;

/// How long cached keys are used.
const KEYS_LIFETIME: Duration = Duration::from_hours(24);

/// Endpoints and keys of the provider.
pub(super) struct ProviderMetadata<T, S, H> {
    context: Rc<Context<T, S, H>>,
    endpoints: RefCell<Option<Endpoints>>,
    keys: RefCell<Vec<SigningKey>>,
}

impl<T: Transport, S: Store, H: Host> ProviderMetadata<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self {
            context,
            endpoints: RefCell::default(),
            keys: RefCell::default(),
        }
    }

    /// The endpoints of the provider: known for a user pool, requested once per page for others.
    pub(super) async fn endpoints(&self) -> Result<Endpoints, AuthError> {
        let provider = &self.context.config.provider;
        if let Some(known) = known_endpoints(provider) {
            return Ok(known);
        }
        let cached = self.endpoints.borrow().clone();
        if let Some(cached) = cached.or_else(|| self.stored_endpoints()) {
            return Ok(cached);
        }
        let response = self
            .context
            .send(discovery_request(provider), Step::Discovery)
            .await?;
        let endpoints = parse_discovery(&response, provider)?;
        let record = json!({ "issuer": provider.issuer, "document": record(&endpoints) });
        let _ = self
            .context
            .ports
            .pending
            .set(keys::ENDPOINTS, &record.to_string());
        *self.endpoints.borrow_mut() = Some(endpoints.clone());
        Ok(endpoints)
    }

    /// Stored beside the pending sign-in, so that the page that handles the callback needs no discovery request.
    fn stored_endpoints(&self) -> Option<Endpoints> {
        let provider = &self.context.config.provider;
        let stored = stored(&self.context.ports.pending, keys::ENDPOINTS)?;
        let ours = json::text(&stored, "issuer")? == provider.issuer;
        let endpoints = read_endpoints(stored.get("document")?, provider).ok();
        endpoints.filter(|_| ours)
    }

    /// Checks the signature of an ID token and that the access token was issued with it. The key set is requested once if
    /// the key is unknown: providers publish a new key before they sign with it.
    pub(super) async fn verify(
        &self,
        id_token: &IdToken,
        access_token: &AccessToken,
        claims: &Claims,
    ) -> Result<(), AuthError> {
        self.verify_signature(id_token).await?;
        Ok(validate_access_token(claims, access_token)?)
    }

    async fn verify_signature(&self, id_token: &IdToken) -> Result<(), AuthError> {
        let signed = signed_parts(id_token)?;
        let kid = signed.kid.as_deref();
        let mut fitting = self.cached_keys(kid);
        if fitting.is_err() {
            self.fetch_keys().await?;
            fitting = self.cached_keys(kid);
        }
        let mut error = IdTokenError::UnknownKey;
        for key in fitting? {
            let (message, signature) = (signed.message, &signed.signature);
            let host = &self.context.ports.host;
            match host.verify_rs256(&key, message, signature).await {
                Some(true) => return Ok(()),
                Some(false) => error = IdTokenError::Signature,
                None => {}
            }
        }
        Err(error.into())
    }

    /// Requests the keys if there are none, so that they are at hand when the tokens arrive. A failure is reported when
    /// they are needed.
    pub(super) async fn prefetch_keys(&self) {
        if self.cached_keys(None) == Err(IdTokenError::UnknownKey) {
            let _ = self.fetch_keys().await;
        }
    }

    fn cached_keys(&self, kid: Option<&str>) -> Result<Vec<RsaKey>, IdTokenError> {
        if self.keys.borrow().is_empty() {
            let stored = stored(&self.context.ports.sessions, keys::JWKS);
            let ours = stored.filter(|stored| {
                let fetched = json::time(stored, "fetched").unwrap_or(Timestamp(0));
                let age = self
                    .context
                    .device_time()
                    .seconds_from(fetched)
                    .unsigned_abs();
                age < KEYS_LIFETIME.as_secs()
                    && json::text(stored, "issuer").as_ref()
                        == Some(&self.context.config.provider.issuer)
            });
            let keys = ours.as_ref().and_then(read_keys).unwrap_or_default();
            *self.keys.borrow_mut() = keys;
        }
        let keys = self.keys.borrow();
        let fitting = fitting_keys(&keys, kid)?;
        Ok(fitting.into_iter().cloned().collect())
    }

    async fn fetch_keys(&self) -> Result<(), AuthError> {
        let url = self.endpoints().await?.jwks;
        let response = self.context.send(jwks_request(&url), Step::Keys).await?;
        let fetched = parse_jwks(&response)?;
        let written: Vec<Value> = fetched.iter().map(write_key).collect();
        let record = json!({
            "issuer": self.context.config.provider.issuer, "fetched": self.context.device_time().0, "keys": written
        });
        let _ = self
            .context
            .ports
            .sessions
            .set(keys::JWKS, &record.to_string());
        *self.keys.borrow_mut() = fetched;
        Ok(())
    }
}

fn stored<S: Store>(store: &S, key: &str) -> Option<Value> {
    json::object(&store.get(key).ok()??)
}

fn write_key(key: &SigningKey) -> Value {
    json!({ "kty": "RSA", "kid": key.kid, "n": key.key.modulus, "e": key.key.exponent })
}
