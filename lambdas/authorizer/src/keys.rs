//! The keys of the issuers, kept between requests.
//!
//! Fetching them for each token is what makes authorizers fail at random: issuers limit how often their
//! keys are read. So each issuer is asked rarely (see `freshness.rs`) and by one caller at a time, while
//! the others wait for what that one brings.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;
use tokio::sync::Mutex;

use crate::{
    documents::{DocumentError, Documents},
    freshness::{Known, Step},
    key::{self, Key, KeySet},
    reason::Reason,
    settings::{Issuer, KeysAddress, is_trustworthy_address},
    time::Timestamp,
};

/// The keys of one issuer.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    known: RwLock<Known>,
    /// Held by whoever asks the issuer; with it goes the `jwks_uri` that the issuer named.
    flight: Mutex<Option<String>>,
}

impl Keys {
    /// The key `id` of `issuer`, asked for if need be.
    pub(crate) async fn find(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        id: &str,
        now: Timestamp,
    ) -> Result<Arc<Key>, Reason> {
        if let Some(found) = self.settled(id, now) {
            return found;
        }
        let mut jwks_uri = self.flight.lock().await;
        // Whoever held the lock before may have brought the key.
        if let Some(found) = self.settled(id, now) {
            return found;
        }
        self.ask(documents, issuer, &mut jwks_uri, now).await;
        self.settled(id, now)
            .unwrap_or(Err(Reason::KeysUnavailable))
    }

    /// Asks for the keys of `issuer` if there are none yet.
    pub(crate) async fn prefetch(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        now: Timestamp,
    ) {
        let mut jwks_uri = self.flight.lock().await;
        let lacks_keys = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .lacks_keys(now);
        if lacks_keys {
            self.ask(documents, issuer, &mut jwks_uri, now).await;
        }
    }

    /// What is known of the key without asking, if that settles it.
    fn settled(&self, id: &str, now: Timestamp) -> Option<Result<Arc<Key>, Reason>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match known.step(id, now) {
            Step::Take(key) => Some(Ok(key)),
            Step::Refuse(reason) => Some(Err(reason)),
            Step::Ask => None,
        }
    }

    async fn ask(
        &self,
        documents: &impl Documents,
        issuer: &Issuer,
        jwks_uri: &mut Option<String>,
        now: Timestamp,
    ) {
        let keys = fetch(documents, issuer, jwks_uri).await;
        if let Err(error) = &keys {
            // The keys may have moved.
            *jwks_uri = None;
            tracing::warn!(issuer = issuer.name, %error, "cannot read the keys");
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.note(keys.ok(), now);
    }
}

async fn fetch(
    documents: &impl Documents,
    issuer: &Issuer,
    jwks_uri: &mut Option<String>,
) -> Result<KeySet, DocumentError> {
    let address = match (&issuer.keys, jwks_uri.as_deref()) {
        (KeysAddress::Jwks(address), _) => address,
        (KeysAddress::Discovery(_), Some(found)) => found,
        (KeysAddress::Discovery(address), None) => {
            let found = discover(documents, issuer, address).await?;
            jwks_uri.insert(found)
        }
    };
    let keys = key::read_set(&json(&documents.read(address).await?)?);
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
    // Section 4.3: else it would be the keys of somebody else.
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
