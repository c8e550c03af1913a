//! What AWS itself wants from a client, pure: identity-pool credentials and Signature Version 4.

pub mod canonical;
pub mod credentials;
pub mod identity_pool;
pub mod signer;
pub mod sigv4;

pub use credentials::{Credentials, SecretAccessKey, SessionToken};
pub use identity_pool::IdentityPoolError;
pub use signer::{BuiltInSigner, Signer};
pub use sigv4::{Scope, SignatureForm, SigningError, SigningKeys, sign, sign_as};
