//! The keys of one issuer, kept between requests.
//!
//! Reading them for each token would fail at random: issuers limit how often their keys are read. So each issuer is
//! asked rarely (`known_keys.rs`) and by one request at a time, while the others wait for its result.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use serde_json::Value;
use time::Timestamp;
use tokio::sync::Mutex;

use crate::{
    documents::{DocumentError, Documents},
    jwks::KeySet,
    known_keys::{Doubt, KnownKeys, Outcome, STALE},
    reason::Reason,
    settings::{Issuer, KeysAddress, is_trustworthy_address},
    token::{Claims, UnverifiedToken},
};

/// The keys of one issuer.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    known: RwLock<KnownKeys>,
    /// Locked by the request that asks the issuer.
    discovered: Mutex<Option<Discovered>>,
}

/// The address of the keys, as the discovery document gave it.
#[derive(Debug)]
struct Discovered {
    jwks_uri: String,
    at: Timestamp,
}

impl Keys {
    /// Checks the signature of `token`, after reading the keys of `issuer` if necessary.
    pub(crate) async fn verify(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Result<Box<Claims>, Reason> {
        let (outcome, requests) = {
            let known = self.known();
            (known.check(token, now), known.requests())
        };
        let doubt = match outcome {
            Outcome::Settled(settled) => return settled,
            Outcome::Ask(doubt) => doubt,
        };
        let mut discovered = self.discovered.lock().await;
        // Another request may have read the keys while this one waited.
        if self.known().requests() == requests {
            if doubt == Doubt::Fit {
                // The keys may have moved, and the old address may still answer.
                *discovered = None;
            }
            self.ask(documents, issuer, &mut discovered, now).await;
        }
        self.known().check_now(token, now)
    }

    /// Reads the keys of `issuer` if there are none yet.
    pub(crate) async fn prefetch(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        now: Timestamp,
    ) {
        let mut discovered = self.discovered.lock().await;
        if self.known().lacks_keys(now) {
            self.ask(documents, issuer, &mut discovered, now).await;
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, KnownKeys> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        discovered: &mut Option<Discovered>,
        now: Timestamp,
    ) {
        if discovered
            .as_ref()
            .is_some_and(|known| now - known.at >= STALE)
        {
            *discovered = None;
        }
        let keys = fetch(documents, issuer, discovered, now).await;
        if let Err(error) = &keys {
            // The keys may have moved.
            *discovered = None;
            tracing::warn!(issuer = issuer.name, %error, "cannot read the keys");
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.note(keys.ok(), now);
    }
}

async fn fetch(
    documents: &impl Documents,
    issuer: &Issuer,
    discovered: &mut Option<Discovered>,
    now: Timestamp,
) -> Result<KeySet, DocumentError> {
    let address = match (&issuer.keys, discovered) {
        (KeysAddress::Jwks(address), _) => address,
        (KeysAddress::Discovery(_), Some(known)) => &known.jwks_uri,
        (KeysAddress::Discovery(address), discovered) => {
            let jwks_uri = discover(documents, issuer, address).await?;
            &discovered.insert(Discovered { jwks_uri, at: now }).jwks_uri
        }
    };
    let keys = KeySet::read(&json(&documents.read(address).await?)?);
    if keys.is_empty() {
        return Err(DocumentError::Content("the document has no usable key"));
    }
    Ok(keys)
}

/// The `jwks_uri` in the discovery document at `address` (OpenID Connect Discovery 1.0 section 4).
async fn discover(
    documents: &impl Documents,
    issuer: &Issuer,
    address: &str,
) -> Result<String, DocumentError> {
    let document = json(&documents.read(address).await?)?;
    // Section 4.3: otherwise the keys would be those of another issuer.
    if document["issuer"].as_str() != Some(&issuer.name) {
        return Err(DocumentError::Content("the document is of another issuer"));
    }
    let found = document["jwks_uri"].as_str().unwrap_or_default();
    if is_trustworthy_address(found) {
        Ok(found.to_owned())
    } else {
        Err(DocumentError::Content("the document has no https jwks_uri"))
    }
}

fn json(body: &[u8]) -> Result<Value, DocumentError> {
    serde_json::from_slice(body).map_err(|_| DocumentError::Content("the document is not JSON"))
}
