//! The trigger after a confirmed sign-up (Cognito, post confirmation Lambda trigger).
//!
//! Cognito waits for the answer, and shows an error of the function to the user, whose account is confirmed all the same. So
//! the function never fails: a sign-up that cannot be published is logged as an error, with the id of the user, so that it
//! can be published again.

use aws_lambda_events::cognito::{
    CognitoEventUserPoolsPostConfirmation as Confirmation,
    CognitoEventUserPoolsPostConfirmationTriggerSource as TriggerSource,
};
use serde_json::Value;
use time::Timestamp;
use users::{CloudError, InvalidMessage, InvalidSignUp, Message, SignUp, Subject, Topic};

/// The subject of the message.
const SUBJECT: &str = "sign-up";

/// The result of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sign-up was published with this message id.
    Published(String),
    /// The event confirms a new password, not a sign-up.
    NoSignUp,
}

/// Why a sign-up was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The event has none of the formats that Cognito documents.
    #[error("the event cannot be read")]
    Event,
    /// The user has no id or name that can be stored.
    #[error("the user cannot be recorded: {0}")]
    User(#[from] InvalidSignUp),
    /// The message cannot be sent to a queue.
    #[error("{0}")]
    Message(#[from] InvalidMessage),
    /// The topic failed.
    #[error("not published: {0}")]
    NotPublished(#[from] CloudError),
}

/// Publishes the sign-up that `event` confirms at `now` to `topic`. A user without an email address is published without
/// one: some providers do not share it, and a user pool may have phone numbers only.
///
/// # Errors
///
/// When it cannot be read or published. The user must not see the error.
pub async fn publish(
    event: &Value,
    topic: &impl Topic,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let Some(sign_up) = read(event)? else {
        return Ok(Outcome::NoSignUp);
    };
    let message = Message::try_from(&sign_up.published_at(now))?;
    let subject = Subject::try_from(SUBJECT.to_owned()).ok();
    let message_id = topic.publish(subject.as_ref(), &message).await?;
    Ok(Outcome::Published(message_id))
}

/// The `sub` of the user, for the log.
#[must_use]
pub fn user_id(event: &Value) -> Option<&str> {
    event.pointer("/request/userAttributes/sub")?.as_str()
}

fn read(event: &Value) -> Result<Option<SignUp>, Failure> {
    let event: Confirmation = serde_json::from_value(event.clone()).map_err(|_| Failure::Event)?;
    let header = event.cognito_event_user_pools_header;
    if header.trigger_source != Some(TriggerSource::ConfirmSignUp) {
        return Ok(None);
    }
    let attributes = &event.request.user_attributes;
    let attribute = |name| attributes.get(name).map(String::as_str);
    let username = header.user_name.unwrap_or_default();
    Ok(Some(SignUp::new(
        attribute("sub").unwrap_or_default(),
        username,
        attribute("email"),
    )?))
}
