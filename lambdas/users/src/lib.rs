//! What the functions of user ingestion share.
//!
//! `sign_up` is the message, `topic` and `table` are the two ports, with adapters to SNS and `DynamoDB` behind the features
//! `sns` and `dynamodb`. The functions are generic over the ports, so their tests run without AWS.

mod sign_up;
mod table;
mod topic;

pub use lambda_cloud::CloudError;
#[cfg(feature = "cloud")]
pub use lambda_cloud::cloud_config;
pub use sign_up::{Field, InvalidSignUp, SignUp, UserId};
#[cfg(feature = "dynamodb")]
pub use table::DynamoTable;
pub use table::{Stored, UserTable};
#[cfg(feature = "sns")]
pub use topic::SnsTopic;
pub use topic::{InvalidMessage, InvalidSubject, Message, Subject, Topic};
