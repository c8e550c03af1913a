//! The port to the key that signs tokens. It never comes here: a service keeps it and signs. `kms.rs` has the one in
//! KMS.

use std::future::Future;

use lambda_cloud::CloudError;

/// A P-256 key that signs.
pub trait SigningKey {
    /// The ECDSA signature over `digest`, a SHA-256, in DER (RFC 3279 section 2.2.3).
    ///
    /// # Errors
    /// When there is none.
    fn sign(&self, digest: &[u8]) -> impl Future<Output = Result<Vec<u8>, CloudError>>;

    /// The public key as `SubjectPublicKeyInfo` in DER (RFC 5480 section 2).
    ///
    /// # Errors
    /// When it cannot be read.
    fn public_key(&self) -> impl Future<Output = Result<Vec<u8>, CloudError>>;
}
