//! The worker: a batch of the queue in, the messages that failed out.
//!
//! Each message is written or reported by itself. What is reported stays in the queue, comes again
//! after the visibility timeout, and goes to the dead-letter queue when it has failed often enough: a
//! message that is no sign-up as well as one that the table kept refusing. None is dropped here.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;
use users::{CloudError, InvalidSignUp, SignUp, UserTable};

/// Why a message is not in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It never will be.
    #[error("no sign-up: {0}")]
    Invalid(#[from] InvalidSignUp),
    /// It may be next time.
    #[error("not written: {0}")]
    NotWritten(#[from] CloudError),
}

/// Writes the sign-ups of `event` to `table` and names the messages that failed.
///
/// Writing is idempotent by user id, so it does no harm that a queue delivers a message twice. The
/// messages of one batch are written at once: a standard queue keeps no order in any case.
pub async fn work(event: &SqsEvent, table: &impl UserTable) -> SqsBatchResponse {
    let outcomes = event.records.iter().map(|message| outcome(message, table));
    let mut response = SqsBatchResponse::default();
    response.set_failures(join_all(outcomes).await.into_iter().flatten());
    response
}

/// The id of the message if it failed.
///
/// A message without an id, which SQS never sends, has the empty one: Lambda takes that as a failure
/// of the whole batch.
async fn outcome(message: &SqsMessage, table: &impl UserTable) -> Option<String> {
    let message_id = message.message_id.clone().unwrap_or_default();
    match write(message, table).await {
        Ok(sign_up) => {
            tracing::info!(message_id, user_id = sign_up.user_id().as_str(), "written");
            None
        }
        Err(failure) => {
            let received = message
                .attributes
                .get("ApproximateReceiveCount")
                .map(String::as_str);
            tracing::warn!(message_id, received, %failure, "not written");
            Some(message_id)
        }
    }
}

async fn write(message: &SqsMessage, table: &impl UserTable) -> Result<SignUp, Failure> {
    let sign_up = SignUp::read(message.body.as_deref().unwrap_or_default())?;
    table.put(&sign_up).await?;
    Ok(sign_up)
}
