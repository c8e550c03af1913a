//! The key in AWS KMS.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use lambda_cloud::{CloudError, cloud_error};

use crate::key::SigningKey;

const SERVICE: &str = "KMS";

/// An asymmetric key of KMS, `ECC_NIST_P256` for `SIGN_VERIFY`.
#[derive(Debug)]
pub struct KmsKey {
    client: Client,
    id: String,
    /// It never changes, and a key that is asked for it costs money and time.
    public_key: OnceLock<Vec<u8>>,
}

impl KmsKey {
    /// The key of that id or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, id: String) -> Self {
        Self {
            client: Client::new(config),
            id,
            public_key: OnceLock::new(),
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

    async fn public_key(&self) -> Result<Vec<u8>, CloudError> {
        if let Some(known) = self.public_key.get() {
            return Ok(known.clone());
        }
        let answer = self
            .client
            .get_public_key()
            .key_id(&self.id)
            .send()
            .await
            .map_err(|error| cloud_error(SERVICE, &error))?;
        let found = answer.public_key.map(Blob::into_inner).unwrap_or_default();
        Ok(self.public_key.get_or_init(|| found).clone())
    }
}
