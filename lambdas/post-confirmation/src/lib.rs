//! The trigger after a confirmed sign-up (Cognito, post confirmation Lambda trigger).
//!
//! Cognito waits for the answer before the user goes on, and shows an error of the function to the
//! user, whose account is confirmed all the same. So nothing here ever fails: what cannot be published
//! is logged as an error, with the one identifier that is needed to publish it again.

use aws_lambda_events::cognito::{
    CognitoEventUserPoolsPostConfirmation as Confirmation,
    CognitoEventUserPoolsPostConfirmationTriggerSource as TriggerSource,
};
use serde_json::Value;
use users::{CloudError, InvalidMessage, InvalidSignUp, Message, SignUp, Subject, Topic};

/// What the message is about.
const SUBJECT: &str = "sign-up";

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sign-up is on its way under this message id.
    Published(String),
    /// It confirms no sign-up but a new password.
    NoSignUp,
}

/// Why a sign-up is not on its way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The event is none that Cognito documents.
    #[error("the event cannot be read")]
    Event,
    /// The user lacks what a record needs.
    #[error("the user cannot be recorded: {0}")]
    User(#[from] InvalidSignUp),
    /// The message cannot be sent to any queue.
    #[error("{0}")]
    Message(#[from] InvalidMessage),
    /// The topic did not take it.
    #[error("not published: {0}")]
    NotPublished(#[from] CloudError),
}

/// Publishes the sign-up that `event` confirms to `topic`.
///
/// # Errors
///
/// When it cannot be read or published; the user must not notice.
pub async fn publish(event: &Value, topic: &impl Topic) -> Result<Outcome, Failure> {
    let Some(sign_up) = read(event)? else {
        return Ok(Outcome::NoSignUp);
    };
    let message = Message::try_from(&sign_up)?;
    let subject = Subject::try_from(SUBJECT.to_owned()).ok();
    let message_id = topic.publish(subject.as_ref(), &message).await?;
    Ok(Outcome::Published(message_id))
}

/// The `sub` of the user that `event` is about, for the log.
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
    let attribute = |name| {
        let attributes = &event.request.user_attributes;
        attributes.get(name).map_or("", String::as_str)
    };
    let username = header.user_name.unwrap_or_default();
    Ok(Some(SignUp::new(
        attribute("sub"),
        username,
        attribute("email"),
    )?))
}
