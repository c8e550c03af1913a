//! How the functions reach the services of AWS: the configuration of the clients (feature `client`), records of `DynamoDB`
//! (feature `dynamodb`), and the error of a port.

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "dynamodb")]
pub mod record;

#[cfg(feature = "client")]
pub use client::{cloud_config, cloud_error};

/// Why a request to a service of AWS failed: the error code of the service, or why the request did not reach it.
///
/// The service's own message is left out, because it may repeat what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service}: {reason}")]
pub struct CloudError {
    /// The service, such as `SNS`.
    pub service: &'static str,
    /// Its error code, such as `KMSAccessDenied`, or why the request failed.
    pub reason: String,
}
