//! The port through which documents of issuers are read. `fetch.rs` has the one over the network.

/// Reads JSON documents of issuers.
pub trait Documents {
    /// The body at `address`, whatever it says.
    ///
    /// # Errors
    /// When there is no answer in good time, or another one than 200.
    fn read(&self, address: &str) -> impl Future<Output = Result<Vec<u8>, DocumentError>>;
}

impl<D: Documents> Documents for &D {
    fn read(&self, address: &str) -> impl Future<Output = Result<Vec<u8>, DocumentError>> {
        (**self).read(address)
    }
}

/// Why a document could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The address is not one that keys may be read from.
    #[error("not an https address")]
    Address,
    /// No answer within the time that an authorizer has.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or one that broke.
    #[error("no connection: {0}")]
    Connection(String),
    /// Another answer than 200, 429 among them.
    #[error("status {0}")]
    Status(u16),
    /// A body larger than any set of keys.
    #[error("the answer is too large")]
    Size,
    /// The document is not what the address promises.
    #[error("{0}")]
    Content(&'static str),
}
