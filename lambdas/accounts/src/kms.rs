//! The key in AWS KMS.

use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use lambda_cloud::{CloudError, cloud_error};
use time::{SignedDuration, Timestamp};

use crate::key::SigningKey;

const SERVICE: &str = "KMS";

/// How long the public key is cached. Reading it costs time and money, but an alias may name another key one day.
const CACHED_FOR: SignedDuration = SignedDuration::HOUR;

/// An asymmetric key of KMS, `ECC_NIST_P256` for `SIGN_VERIFY`.
#[derive(Debug)]
pub struct KmsKey {
    client: Client,
    id: String,
    /// With the time when it was read.
    public_key: Mutex<Option<(Vec<u8>, Timestamp)>>,
}

impl KmsKey {
    /// The key with this id, ARN or alias.
    #[must_use]
    pub fn new(config: &SdkConfig, id: String) -> Self {
        Self {
            client: Client::new(config),
            id,
            public_key: Mutex::new(None),
        }
    }
}

impl SigningKey for KmsKey {
    async fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, CloudError> {
        let signed = self
            .client
            .sign()
            .key_id(&self.id)
            .message(Blob::new(digest))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .send()
            .await
            .map_err(|error| cloud_error(SERVICE, &error))?;
        Ok(signed.signature.map(Blob::into_inner).unwrap_or_default())
    }

    async fn public_key(&self, now: Timestamp) -> Result<Vec<u8>, CloudError> {
        let cached = self
            .public_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((key, read_at)) = cached
            && now - read_at < CACHED_FOR
        {
            return Ok(key);
        }
        let answer = self
            .client
            .get_public_key()
            .key_id(&self.id)
            .send()
            .await
            .map_err(|error| cloud_error(SERVICE, &error))?;
        let key = answer.public_key.map(Blob::into_inner).unwrap_or_default();
        *self
            .public_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((key.clone(), now));
        Ok(key)
    }
}
