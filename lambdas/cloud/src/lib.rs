//! How the functions reach the services of the cloud: the settings of the clients, behind the feature `client`,
//! and the error that a port names without one.

#[cfg(feature = "client")]
mod client;

#[cfg(feature = "client")]
pub use client::{cloud_config, cloud_error};

/// Why a service of the cloud did not do what it was asked for: its error code, or what kept the
/// request from reaching it.
///
/// The service's own message is left out, because it may repeat what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service}: {reason}")]
pub struct CloudError {
    /// The service, such as `SNS`.
    pub service: &'static str,
    /// Its error code, such as `KMSAccessDenied`, or what went wrong on the way.
    pub reason: String,
}
