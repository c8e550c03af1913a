//! A port: the key that signs tokens. The private key stays in the service. `kms.rs` implements it with KMS.

use std::future::Future;

use lambda_cloud::CloudError;
use time::Timestamp;

/// A P-256 key that signs.
pub trait SigningKey {
    /// The ECDSA signature over `digest`, a SHA-256, in DER (RFC 3279 section 2.2.3).
    ///
    /// # Errors
    /// When the service does not sign.
    fn sign(&self, digest: &[u8]) -> impl Future<Output = Result<Vec<u8>, CloudError>>;

    /// The public key as `SubjectPublicKeyInfo` in DER (RFC 5480 section 2). It may be cached, `now` decides how long.
    ///
    /// # Errors
    /// When it cannot be read.
    fn public_key(&self, now: Timestamp) -> impl Future<Output = Result<Vec<u8>, CloudError>>;
}
