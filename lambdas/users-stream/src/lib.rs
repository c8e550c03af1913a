//! Changes of users, read from the stream of the table.
//!
//! The stream contains keys alone (`KEYS_ONLY`), so that no personal data is transferred or logged. Reactions to a new,
//! changed or deleted user begin here.

use std::fmt;

use aws_lambda_events::dynamodb::EventRecord;
use serde_dynamo::AttributeValue;

/// The partition key of the table.
const USER_ID: &str = "user_id";

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The record is new.
    Created,
    /// A field has another value now. A write that changes nothing makes no event.
    Updated,
    /// The record was deleted.
    Deleted,
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        })
    }
}

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub kind: ChangeKind,
    /// The id of the user.
    pub user_id: String,
}

/// Why an event cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownEvent {
    /// It is not `INSERT`, `MODIFY` or `REMOVE`.
    #[error("an event of the unknown kind {0}")]
    Kind(String),
    /// Its key is not one of this table.
    #[error("an event without the key user_id")]
    Key,
}

impl Change {
    /// Reads an event (`DynamoDB` Streams API, `Record`).
    ///
    /// # Errors
    ///
    /// When it is not an event of the table of users.
    pub fn read(event: &EventRecord) -> Result<Self, UnknownEvent> {
        let kind = match event.event_name.as_str() {
            "INSERT" => ChangeKind::Created,
            "MODIFY" => ChangeKind::Updated,
            "REMOVE" => ChangeKind::Deleted,
            other => return Err(UnknownEvent::Kind(other.to_owned())),
        };
        let Some(AttributeValue::S(user_id)) = event.change.keys.get(USER_ID) else {
            return Err(UnknownEvent::Key);
        };
        let user_id = user_id.clone();
        Ok(Self { kind, user_id })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn event(name: &str, keys: &Value) -> EventRecord {
        serde_json::from_value(json!({
            "eventID": "1",
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:111122223333:table/users/stream/2026",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_767_225_600,
                "Keys": keys,
                "SequenceNumber": "111",
                "SizeBytes": 26,
                "StreamViewType": "KEYS_ONLY",
            },
        }))
        .unwrap()
    }

    #[test]
    fn reads_each_kind_of_change() {
        let keys = json!({ "user_id": { "S": "7d2f" } });
        for (name, kind, word) in [
            ("INSERT", ChangeKind::Created, "created"),
            ("MODIFY", ChangeKind::Updated, "updated"),
            ("REMOVE", ChangeKind::Deleted, "deleted"),
        ] {
            let user_id = "7d2f".to_owned();
            assert_eq!(
                Change::read(&event(name, &keys)),
                Ok(Change { kind, user_id })
            );
            assert_eq!(kind.to_string(), word);
        }
    }

    #[test]
    fn says_why_an_event_cannot_be_read() {
        let keys = json!({ "user_id": { "S": "7d2f" } });
        assert_eq!(
            Change::read(&event("TRUNCATE", &keys)),
            Err(UnknownEvent::Kind("TRUNCATE".to_owned()))
        );
        for keys in [json!({}), json!({ "user_id": { "N": "7" } })] {
            assert_eq!(
                Change::read(&event("INSERT", &keys)),
                Err(UnknownEvent::Key)
            );
        }
    }

    proptest! {
        #[test]
        fn any_event_is_read_or_refused(name in any::<String>(), key in any::<String>(), id in any::<String>()) {
            let _ = Change::read(&event(&name, &json!({ key: { "S": id } })));
        }
    }
}
