//! A port: reading documents of issuers. `fetch.rs` implements it over HTTPS.

/// Reads JSON documents of issuers.
pub trait Documents {
    /// The body at `address`, with any content.
    ///
    /// # Errors
    /// When there is no answer in time, or its status is not 200.
    fn read(&self, address: &str) -> impl Future<Output = Result<Vec<u8>, DocumentError>>;
}

impl<D: Documents> Documents for &D {
    fn read(&self, address: &str) -> impl Future<Output = Result<Vec<u8>, DocumentError>> {
        (**self).read(address)
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Keys may not be read from this address.
    #[error("not an https address")]
    Address,
    /// No answer within the time that an authorizer has.
    #[error("no answer in time")]
    Timeout,
    /// The connection failed or broke.
    #[error("no connection: {0}")]
    Connection(String),
    /// The status is not 200; for example 429.
    #[error("status {0}")]
    Status(u16),
    /// The body is larger than any set of keys.
    #[error("the answer is too large")]
    Size,
    /// The document has the wrong content.
    #[error("{0}")]
    Content(&'static str),
}
