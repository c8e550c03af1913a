//! The topic that sign-ups are published to: a port, and its adapter to SNS.
//!
//! Messages are checked before they are sent: a message that SNS accepts but SQS refuses would fit neither the queue nor
//! its dead-letter queue, and would be lost.

use std::future::Future;

use serde_json::{Map, Value};
use time::Timestamp;

use crate::{CloudError, SignUp};

/// The largest message, in bytes: the limit of SNS (Publish, parameter `Message`).
const MESSAGE_MAX: usize = 256 * 1024;
/// The member with the time of a message.
const PUBLISHED_AT: &str = "published_at";
/// The longest subject, in characters: SNS wants less than 100 (Publish, parameter `Subject`).
const SUBJECT_MAX: usize = 99;

/// A text that passes through the topic into the queue.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(String);

/// Why a text cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// It is empty.
    #[error("the message is empty")]
    Empty,
    /// It has more than 256 KiB.
    #[error("the message is larger than 256 KiB")]
    TooLarge,
    /// It has a character that SQS refuses (`SendMessage`, parameter `MessageBody`).
    #[error("the message has a control character or a noncharacter that SQS refuses")]
    Character,
}

impl TryFrom<String> for Message {
    type Error = InvalidMessage;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            Err(InvalidMessage::Empty)
        } else if text.len() > MESSAGE_MAX {
            Err(InvalidMessage::TooLarge)
        } else if text.chars().all(is_queueable) {
            Ok(Self(text))
        } else {
            Err(InvalidMessage::Character)
        }
    }
}

impl Message {
    /// The text with the member `published_at`, if it is a JSON object without one. Other texts stay unchanged: the worker
    /// checks them.
    ///
    /// # Errors
    ///
    /// When it cannot be published.
    pub fn published_at(text: String, at: Timestamp) -> Result<Self, InvalidMessage> {
        let object: Option<Map<String, Value>> = serde_json::from_str(&text).ok();
        let stamped = object
            .filter(|object| !object.contains_key(PUBLISHED_AT))
            .and_then(|object| {
                // As text, so that a repeated member stays repeated and is refused by the worker.
                let (_, rest) = text.split_once('{')?;
                let comma = if object.is_empty() { "" } else { "," };
                let at = at.as_milliseconds();
                Some(format!("{{\"{PUBLISHED_AT}\":{at}{comma}{rest}"))
            });
        Self::try_from(stamped.unwrap_or(text))
    }
}

impl TryFrom<&SignUp> for Message {
    type Error = InvalidMessage;

    fn try_from(sign_up: &SignUp) -> Result<Self, Self::Error> {
        let text = serde_json::to_string(sign_up).map_err(|_| InvalidMessage::Empty)?;
        Self::try_from(text)
    }
}

impl Message {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the length alone: the text is personal data.
impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Message({} bytes)", self.0.len())
    }
}

fn is_queueable(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => other >= ' ',
    }
}

/// The subject of a message, for subscribers that show it, such as email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

/// A text that SNS refuses as a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subject must have 1 to 99 characters and neither line breaks nor control characters")]
pub struct InvalidSubject;

impl TryFrom<String> for Subject {
    type Error = InvalidSubject;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let separator = |character| matches!(character, '\u{2028}' | '\u{2029}');
        let fits = !text.trim().is_empty()
            && text.chars().count() <= SUBJECT_MAX
            && !text.contains(char::is_control)
            && !text.contains(separator);
        if fits {
            Ok(Self(text))
        } else {
            Err(InvalidSubject)
        }
    }
}

impl Subject {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The topic of sign-ups.
pub trait Topic {
    /// Publishes `message` and returns its id.
    ///
    /// # Errors
    ///
    /// When the topic does not accept it.
    fn publish(
        &self,
        subject: Option<&Subject>,
        message: &Message,
    ) -> impl Future<Output = Result<String, CloudError>> + Send;
}

#[cfg(feature = "sns")]
pub use sns::SnsTopic;

#[cfg(feature = "sns")]
mod sns {
    use aws_config::SdkConfig;
    use aws_sdk_sns::Client;
    use lambda_cloud::cloud_error;

    use super::{Message, Subject, Topic};
    use crate::CloudError;

    /// A topic of SNS.
    #[derive(Debug, Clone)]
    pub struct SnsTopic {
        client: Client,
        arn: String,
    }

    impl SnsTopic {
        /// The topic `arn`.
        #[must_use]
        pub fn new(config: &SdkConfig, arn: String) -> Self {
            Self {
                client: Client::new(config),
                arn,
            }
        }
    }

    impl Topic for SnsTopic {
        async fn publish(
            &self,
            subject: Option<&Subject>,
            message: &Message,
        ) -> Result<String, CloudError> {
            let published = self
                .client
                .publish()
                .topic_arn(&self.arn)
                .set_subject(subject.map(|subject| subject.as_str().to_owned()))
                .message(message.as_str())
                .send()
                .await
                .map_err(|error| cloud_error("SNS", &error))?;
            Ok(published.message_id.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_exactly_what_fits_the_topic_and_the_queue() {
        let message = |text: &str| Message::try_from(text.to_owned()).map(|_| ());
        assert_eq!(message("{\n\t\"a\": \"é😀\"\r}"), Ok(()));
        assert_eq!(message(""), Err(InvalidMessage::Empty));
        assert_eq!(message(&"a".repeat(MESSAGE_MAX)), Ok(()));
        assert_eq!(
            message(&"é".repeat(MESSAGE_MAX / 2 + 1)),
            Err(InvalidMessage::TooLarge)
        );
        for text in ["a\0", "\u{1b}[0m", "\u{fffe}", "\u{ffff}"] {
            assert_eq!(message(text), Err(InvalidMessage::Character), "{text:?}");
        }
    }

    #[test]
    fn accepts_exactly_the_subjects_that_sns_accepts() {
        let subject = |text: &str| Subject::try_from(text.to_owned()).map(|_| ());
        assert_eq!(subject("sign-up"), Ok(()));
        assert_eq!(subject(&"é".repeat(SUBJECT_MAX)), Ok(()));
        let long = "a".repeat(SUBJECT_MAX + 1);
        for text in [
            "",
            " ",
            "two\nlines",
            "two\u{2028}lines",
            "bell\u{7}",
            &long,
        ] {
            assert_eq!(subject(text), Err(InvalidSubject), "{text:?}");
        }
    }

    #[test]
    fn a_json_object_gets_the_time_of_its_publishing() {
        let at = Timestamp::from_milliseconds(1_700_000_000_123).unwrap();
        for (text, expected) in [
            (
                r#"{"user_id":"a"}"#,
                r#"{"published_at":1700000000123,"user_id":"a"}"#,
            ),
            (" { }", r#"{"published_at":1700000000123 }"#),
            (
                r#"{"user_id":"a","user_id":"b"}"#,
                r#"{"published_at":1700000000123,"user_id":"a","user_id":"b"}"#,
            ),
            (r#"{"published_at":7}"#, r#"{"published_at":7}"#),
            ("[{}]", "[{}]"),
            ("no sign-up {", "no sign-up {"),
        ] {
            let message = Message::published_at(text.to_owned(), at).unwrap();
            assert_eq!(message.as_str(), expected);
        }
    }

    #[test]
    fn debug_does_not_show_the_message() {
        let message = Message::try_from("alice@example.org".to_owned()).unwrap();
        assert_eq!(format!("{message:?}"), "Message(17 bytes)");
    }

    proptest! {
        #[test]
        fn any_text_is_accepted_or_refused(text in any::<String>()) {
            let _ = Subject::try_from(text.clone());
            let _ = Message::try_from(text);
        }
    }
}
