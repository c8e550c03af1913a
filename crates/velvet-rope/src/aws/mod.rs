//! What AWS itself wants from a client, pure: identity-pool credentials and Signature Version 4.

pub mod credentials;
pub mod identity_pool;
pub mod signer;
pub mod sigv4;
