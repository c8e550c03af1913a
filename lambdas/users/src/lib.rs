//! What the functions of user ingestion share.
//!
//! `sign_up` is the message from one end to the other, `topic` and `table` are the two ports, with
//! their adapters to SNS and `DynamoDB` behind the features `sns` and `dynamodb`. The functions are
//! generic over the ports, so their tests need no cloud.

#[cfg(feature = "cloud")]
mod cloud;
mod sign_up;
mod table;
mod topic;

#[cfg(feature = "cloud")]
pub use cloud::cloud_config;
pub use sign_up::{Field, InvalidSignUp, SignUp, UserId};
#[cfg(feature = "dynamodb")]
pub use table::DynamoTable;
pub use table::UserTable;
#[cfg(feature = "sns")]
pub use topic::SnsTopic;
pub use topic::{InvalidMessage, InvalidSubject, Message, Subject, Topic};

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
