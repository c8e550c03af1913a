//! The worker: from a batch of the queue to the messages that failed.
//!
//! Each message is stored or reported on its own. A reported message stays in the queue, is delivered again after the
//! visibility timeout, and is moved to the dead-letter queue after several attempts, whether it is not a sign-up or the table
//! refused it. No message is lost.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::join_all;
use time::Timestamp;
use users::{CloudError, InvalidSignUp, SignUp, Stored, UserTable};

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is not a sign-up, and a retry will not help.
    #[error("not a sign-up: {0}")]
    Invalid(#[from] InvalidSignUp),
    /// The table failed, and a retry may help.
    #[error("not written: {0}")]
    NotWritten(#[from] CloudError),
}

/// Writes the sign-ups of `event` to `table` and returns the messages that failed.
///
/// A message that is delivered twice or late changes nothing. The messages of one batch are written at the same time: a
/// standard queue does not preserve their order anyway.
pub async fn work(event: &SqsEvent, table: &impl UserTable) -> SqsBatchResponse {
    let outcomes = event.records.iter().map(|message| outcome(message, table));
    let mut response = SqsBatchResponse::default();
    response.set_failures(join_all(outcomes).await.into_iter().flatten());
    response
}

/// The id of the message if it failed.
///
/// A message without an id, which SQS never sends, has the empty one: Lambda then repeats the whole batch.
async fn outcome(message: &SqsMessage, table: &impl UserTable) -> Option<String> {
    let message_id = message.message_id.clone().unwrap_or_default();
    match write(message, table).await {
        Ok((sign_up, stored)) => {
            let user_id = sign_up.user_id().as_str();
            match stored {
                Stored::Written => tracing::info!(message_id, user_id, "written"),
                Stored::Outdated => tracing::info!(message_id, user_id, "older than the record"),
            }
            None
        }
        Err(failure) => {
            let received = attribute(message, "ApproximateReceiveCount");
            tracing::warn!(message_id, received, %failure, "not written");
            Some(message_id)
        }
    }
}

async fn write(message: &SqsMessage, table: &impl UserTable) -> Result<(SignUp, Stored), Failure> {
    let sign_up = SignUp::read(message.body.as_deref().unwrap_or_default())?;
    let stored = table.put(&sign_up, time_of(message, &sign_up)).await?;
    Ok((sign_up, stored))
}

/// When the message was published. A message from before this member existed has the time when it was sent to the queue,
/// which is also the latest that a publisher may claim: otherwise one wrong clock could block all later messages.
fn time_of(message: &SqsMessage, sign_up: &SignUp) -> Option<Timestamp> {
    let sent = attribute(message, "SentTimestamp")
        .and_then(|milliseconds| milliseconds.parse().ok())
        .and_then(|milliseconds| Timestamp::from_milliseconds(milliseconds).ok());
    match (sign_up.time(), sent) {
        (Some(published), Some(sent)) => Some(published.min(sent)),
        (published, sent) => published.or(sent),
    }
}

fn attribute<'a>(message: &'a SqsMessage, name: &str) -> Option<&'a str> {
    message.attributes.get(name).map(String::as_str)
}
