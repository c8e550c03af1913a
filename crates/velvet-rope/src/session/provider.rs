//! What has to be known of the provider: its endpoints and its keys. Both are public and change rarely, so both
//! are kept.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::{Value, json};

use super::error::{AuthError, Step};
use super::{Client, keys};
use crate::host::{Host, RsaKey};
use crate::http::{HttpRequest, HttpResponse, Transport};
use crate::json;
use crate::oauth::discovery::{
    Endpoints, discovery_request, known_endpoints, parse_discovery, read_endpoints, record,
};
use crate::oauth::id_token::{Claims, IdTokenError, validate_access_token};
use crate::oauth::jwks::{
    SigningKey, fitting_keys, jwks_request, parse_jwks, read_keys, signed_parts,
};
use crate::oauth::tokens::{IdToken, Tokens};
use crate::store::Store;
use crate::time::Timestamp;

/// How long kept keys are trusted.
const KEYS_LIFETIME: Duration = Duration::from_hours(24);

/// What is known of the provider.
#[derive(Default)]
pub(super) struct Cache {
    endpoints: RefCell<Option<Endpoints>>,
    keys: RefCell<Vec<SigningKey>>,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Where the provider's endpoints are: without a request for a user pool, with one per page for others.
    pub(super) async fn endpoints(&self) -> Result<Endpoints, AuthError> {
        let provider = &self.config.provider;
        if let Some(known) = known_endpoints(provider) {
            return Ok(known);
        }
        let held = self.provider.endpoints.borrow().clone();
        if let Some(held) = held.or_else(|| self.kept_endpoints()) {
            return Ok(held);
        }
        let response = self
            .ask(discovery_request(provider), Step::Discovery)
            .await?;
        let endpoints = parse_discovery(&response, provider)?;
        let kept = json!({ "issuer": provider.issuer, "document": record(&endpoints) });
        let _ = self.pending.set(keys::ENDPOINTS, &kept.to_string());
        *self.provider.endpoints.borrow_mut() = Some(endpoints.clone());
        Ok(endpoints)
    }

    /// Kept beside the sign-in that waits: the page that answers the callback needs no discovery of its own.
    fn kept_endpoints(&self) -> Option<Endpoints> {
        let provider = &self.config.provider;
        let kept = kept(&self.pending, keys::ENDPOINTS)?;
        let ours = json::text(&kept, "issuer")? == provider.issuer;
        let endpoints = read_endpoints(kept.get("document")?, provider).ok();
        endpoints.filter(|_| ours)
    }

    /// Checks the signature of an ID token and that the access token came with it. Unknown keys are asked for
    /// once: providers publish a new key before they sign with it.
    pub(super) async fn verify(&self, tokens: &Tokens, claims: &Claims) -> Result<(), AuthError> {
        self.verify_signature(&tokens.id_token).await?;
        Ok(validate_access_token(claims, &tokens.access_token)?)
    }

    async fn verify_signature(&self, id_token: &IdToken) -> Result<(), AuthError> {
        let signed = signed_parts(id_token)?;
        let kid = signed.kid.as_deref();
        let mut fitting = self.held_keys(kid);
        if fitting.is_err() {
            self.fetch_keys().await?;
            fitting = self.held_keys(kid);
        }
        let mut error = IdTokenError::UnknownKey;
        for key in fitting? {
            let (message, signature) = (signed.message, &signed.signature);
            match self.host.verify_rs256(&key, message, signature).await {
                Some(true) => return Ok(()),
                Some(false) => error = IdTokenError::Signature,
                None => {}
            }
        }
        Err(error.into())
    }

    /// Makes sure that there are keys, so that they are at hand when the tokens arrive. What goes wrong shows
    /// when they are needed.
    pub(super) async fn prefetch_keys(&self) {
        if self.held_keys(None) == Err(IdTokenError::UnknownKey) {
            let _ = self.fetch_keys().await;
        }
    }

    fn held_keys(&self, kid: Option<&str>) -> Result<Vec<RsaKey>, IdTokenError> {
        if self.provider.keys.borrow().is_empty() {
            let kept = kept(&self.sessions, keys::JWKS);
            let ours = kept.filter(|kept| {
                let fetched = json::time(kept, "fetched").unwrap_or(Timestamp(0));
                let age = self.host.now().seconds_from(fetched).unsigned_abs();
                age < KEYS_LIFETIME.as_secs()
                    && json::text(kept, "issuer").as_ref() == Some(&self.config.provider.issuer)
            });
            let kept = ours.as_ref().and_then(read_keys).unwrap_or_default();
            *self.provider.keys.borrow_mut() = kept;
        }
        let held = self.provider.keys.borrow();
        let fitting = fitting_keys(&held, kid)?;
        Ok(fitting.into_iter().cloned().collect())
    }

    async fn fetch_keys(&self) -> Result<(), AuthError> {
        let url = self.endpoints().await?.jwks;
        let response = self.ask(jwks_request(&url), Step::Keys).await?;
        let fetched = parse_jwks(&response)?;
        let written: Vec<Value> = fetched.iter().map(write_key).collect();
        let kept = json!({
            "issuer": self.config.provider.issuer, "fetched": self.host.now().0, "keys": written
        });
        let _ = self.sessions.set(keys::JWKS, &kept.to_string());
        *self.provider.keys.borrow_mut() = fetched;
        Ok(())
    }

    /// Sends a request on the way to `during`.
    pub(super) async fn ask(
        &self,
        request: HttpRequest,
        during: Step,
    ) -> Result<HttpResponse, AuthError> {
        let sent = self.transport.send(request).await;
        sent.map_err(|source| AuthError::Transport { during, source })
    }
}

fn kept<S: Store>(store: &S, key: &str) -> Option<Value> {
    json::object(&store.get(key).ok()??)
}

fn write_key(key: &SigningKey) -> Value {
    json!({ "kty": "RSA", "kid": key.kid, "n": key.key.modulus, "e": key.key.exponent })
}
