//! The messages between the tabs of one site, as values and as text.
//!
//! Messages reach tabs of the same origin only. They contain tokens: a tab that is opened receives the session in this
//! way.

use serde_json::Value;

use super::notes::Note;
use super::record;
use super::state::Identity;
use super::state::SignedIn;
use crate::config::Provider;
use crate::json;
use crate::time::Timestamp;

/// The version of the messages below, raised when a tab of the version before would misread them.
pub(super) const VERSION: u64 = 1;

/// A message between tabs.
///
/// The receiver decides what follows ([`agreement`](super::tabs::agreement)); a message is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A tab that has just opened, or has missed something, asks for the session.
    Ask,
    /// The session.
    Session(Box<SignedIn>),
    /// The session `id` has ended.
    SignedOut { id: String, idle: bool },
    /// A refresh token was sent, or was not used after all.
    Sending(Note),
    /// Role and identity of the session `id`.
    Identity { id: String, identity: Identity },
    /// What has to be added to the clock of this device, in seconds.
    Clock(i64),
    /// The user was active in a tab.
    Active,
}

/// A text that arrived from another tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// A message.
    Message(Message),
    /// A message of a newer release, and the id of the session that it is about. In every version a message has `version`
    /// and, if it is about a session, `id`.
    Newer(Option<String>),
    /// Anything else.
    Unknown,
}

/// Reads what arrived from another tab.
/// A session of another provider or client is [`Received::Unknown`].
pub(super) fn read(provider: &Provider, text: &str) -> Received {
    let Some(value) = json::object(text) else {
        return Received::Unknown;
    };
    let version = value.get("version").and_then(Value::as_u64);
    let record_is_newer = value.get("record").is_some_and(record::is_newer);
    match version {
        Some(VERSION) if !record_is_newer => match Message::read(provider, &value) {
            Some(message) => Received::Message(message),
            None => Received::Unknown,
        },
        Some(VERSION..) => Received::Newer(json::text(&value, "id")),
        _ => Received::Unknown,
    }
}

impl Message {
    /// The message as text.
    pub(super) fn write(&self, provider: &Provider) -> String {
        let mut value = match self {
            Self::Ask => json::record([("kind", "ask".into())]),
            Self::Session(signed_in) => {
                let record = record::write(provider, signed_in);
                json::record([
                    ("kind", "session".into()),
                    ("id", signed_in.id.as_str().into()),
                    ("record", record),
                ])
            }
            Self::SignedOut { id, idle } => json::record([
                ("kind", "signed_out".into()),
                ("id", id.as_str().into()),
                ("idle", (*idle).into()),
            ]),
            Self::Sending(note) => json::record([
                ("kind", "sending".into()),
                ("id", note.id.as_str().into()),
                ("revision", note.revision.into()),
                ("tag", note.tag.into()),
                ("at", note.at.map(|time: Timestamp| time.0).into()),
            ]),
            Self::Identity { id, identity } => {
                let mut value =
                    json::record([("kind", "identity".into()), ("id", id.as_str().into())]);
                record::write_identity(identity, &mut value);
                value
            }
            Self::Clock(offset) => {
                json::record([("kind", "clock".into()), ("offset", (*offset).into())])
            }
            Self::Active => json::record([("kind", "active".into())]),
        };
        json::set(&mut value, "version", VERSION);
        json::write(&value)
    }

    /// `None` if a member is missing or the kind is not known.
    fn read(provider: &Provider, value: &Value) -> Option<Self> {
        let id = || json::text(value, "id");
        Some(match value.get("kind")?.as_str()? {
            "ask" => Self::Ask,
            "session" => {
                let signed_in = record::read(provider, value.get("record")?)?;
                Self::Session(Box::new(signed_in))
            }
            "signed_out" => Self::SignedOut {
                id: id()?,
                idle: value.get("idle")?.as_bool()?,
            },
            "sending" => Self::Sending(Note {
                id: id()?,
                revision: value.get("revision")?.as_u64()?,
                tag: value.get("tag")?.as_u64()?,
                at: json::time(value, "at"),
            }),
            "identity" => Self::Identity {
                id: id()?,
                identity: record::read_identity(value),
            },
            "clock" => Self::Clock(value.get("offset")?.as_i64()?),
            "active" => Self::Active,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::testing::values::{provider, signed_in};

    fn messages() -> Vec<Message> {
        let mut session = signed_in("session-1", 3);
        let role = "arn:aws:iam::111122223333:role/editor".to_owned();
        session.identity.role.set(Some(role));
        session.renewal_sent = Some(Timestamp(7));
        session.renewal_tag = 8;
        vec![
            Message::Ask,
            Message::Session(Box::new(session.clone())),
            Message::SignedOut {
                id: "session-1".to_owned(),
                idle: true,
            },
            Message::Sending(Note::of(&session).unwrap()),
            Message::Identity {
                id: "session-1".to_owned(),
                identity: session.identity,
            },
            Message::Clock(-300),
            Message::Active,
        ]
    }

    #[test]
    fn each_message_is_read_as_it_was_written_and_carries_the_version() {
        for message in messages() {
            let text = message.write(&provider());
            assert!(text.contains(r#""version":1"#), "{text}");
            assert_eq!(read(&provider(), &text), Received::Message(message));
        }
    }

    #[test]
    fn messages_of_an_older_version_are_ignored_and_those_of_a_newer_one_reported() {
        for message in messages() {
            let text = message.write(&provider());
            let mut value = json::object(&text).unwrap();
            for version in [json!(0), json!("1"), Value::Null] {
                value["version"] = version;
                assert_eq!(read(&provider(), &value.to_string()), Received::Unknown);
            }
            value["version"] = json!(2);
            let newer = Received::Newer(json::text(&value, "id"));
            assert_eq!(read(&provider(), &value.to_string()), newer);
        }
    }

    #[test]
    fn a_session_in_a_newer_record_is_not_misread() {
        let session = Message::Session(Box::new(signed_in("session-1", 3)));
        let mut value = json::object(&session.write(&provider())).unwrap();
        value["record"]["version"] = json!(3);
        let newer = Received::Newer(Some("session-1".to_owned()));
        assert_eq!(read(&provider(), &value.to_string()), newer);
    }
}
