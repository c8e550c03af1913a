//! The sign-up message: what a publisher sends and the worker stores.
//!
//! ```json
//! { "user_id": "0a1b2c3d-…", "username": "alice", "email": "alice@example.org", "published_at": 1700000000000 }
//! ```
//!
//! `email` is optional, because not every provider knows an address. `published_at`, in milliseconds since 1970, orders the
//! messages of one user. Other members are ignored, so that no other data about a user is stored.

use std::fmt;

use lambda_common::read_json_object;
use serde::{Deserialize, Serialize, Serializer};
use time::Timestamp;

/// The longest user id, in characters.
const USER_ID_MAX: usize = 255;
/// The longest user name, in characters: the limit of Cognito.
const USERNAME_MAX: usize = 128;
/// The longest email address, in characters (RFC 5321, section 4.5.3.1.3, without the brackets).
const EMAIL_MAX: usize = 254;

/// The identifier of a user that never changes: the `sub` claim of the issuer's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Reads a user id: 1 to 255 visible characters.
    ///
    /// # Errors
    ///
    /// When it is empty, too long, or contains white space or control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidSignUp> {
        let text = text.into();
        if is_filled(&text, USER_ID_MAX) && !text.contains(char::is_whitespace) {
            Ok(Self(text))
        } else {
            Err(InvalidSignUp::Refused(Field::UserId))
        }
    }

    /// The id as the issuer wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The data of a user, with the time of the message.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SignUp {
    user_id: UserId,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "milliseconds"
    )]
    published_at: Option<Timestamp>,
}

/// Shows the id alone: the rest is personal data and must not be logged.
impl fmt::Debug for SignUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignUp")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A member of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `user_id`
    UserId,
    /// `username`
    Username,
    /// `email`
    Email,
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UserId => "user_id",
            Self::Username => "username",
            Self::Email => "email",
        })
    }
}

/// Why a message is not a sign-up. The error names the member and never repeats its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignUp {
    /// A member is missing, repeated or of another type.
    #[error(
        "expected a JSON object with the strings user_id, username and, optionally, email, and the number published_at \
         in milliseconds, once each"
    )]
    Shape,
    /// A member breaks a rule.
    #[error("{0} is empty, too long or malformed")]
    Refused(Field),
}

#[derive(Deserialize)]
struct Unchecked {
    user_id: String,
    username: String,
    email: Option<String>,
    published_at: Option<i64>,
}

impl SignUp {
    /// The sign-up of a user. An empty `email` is none.
    ///
    /// # Errors
    ///
    /// When a member is empty, too long or malformed.
    pub fn new(
        user_id: impl Into<String>,
        username: impl Into<String>,
        email: Option<&str>,
    ) -> Result<Self, InvalidSignUp> {
        let (user_id, username) = (UserId::new(user_id)?, username.into());
        if !is_filled(&username, USERNAME_MAX) {
            return Err(InvalidSignUp::Refused(Field::Username));
        }
        let email = email.filter(|email| !email.is_empty());
        if !email.is_none_or(is_email) {
            return Err(InvalidSignUp::Refused(Field::Email));
        }
        Ok(Self {
            user_id,
            username,
            email: email.map(str::to_owned),
            published_at: None,
        })
    }

    /// The same sign-up in a message of the time `at`.
    #[must_use]
    pub fn published_at(self, at: Timestamp) -> Self {
        Self {
            published_at: Some(at),
            ..self
        }
    }

    /// Reads a message.
    ///
    /// ```
    /// let message = r#"{"user_id":"7d2f","username":"alice","email":"alice@example.org"}"#;
    /// assert_eq!(users::SignUp::read(message)?.user_id().as_str(), "7d2f");
    /// # Ok::<(), users::InvalidSignUp>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is not a sign-up.
    pub fn read(message: &str) -> Result<Self, InvalidSignUp> {
        let Unchecked {
            user_id,
            username,
            email,
            published_at,
        } = read_json_object(message.as_bytes()).map_err(|_| InvalidSignUp::Shape)?;
        let published_at = published_at.map(Timestamp::from_milliseconds).transpose();
        Ok(Self {
            published_at: published_at.map_err(|_| InvalidSignUp::Shape)?,
            ..Self::new(user_id, username, email.as_deref())?
        })
    }

    /// The id of the user.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The name that the user signs in with.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user's email address, if the provider knows one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// When the message was published, if it says so.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.published_at
    }
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn milliseconds<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(Timestamp::as_milliseconds).serialize(serializer)
}

fn is_filled(text: &str, max_characters: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= max_characters
        && !text.contains(char::is_control)
}

/// Refuses texts that cannot be an address. Only a message sent to it could prove that it is one.
fn is_email(text: &str) -> bool {
    is_filled(text, EMAIL_MAX)
        && !text.contains(char::is_whitespace)
        && text
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain))
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    fn read(user_id: &str, username: &str, email: &str) -> Result<SignUp, InvalidSignUp> {
        SignUp::read(
            &json!({ "user_id": user_id, "username": username, "email": email }).to_string(),
        )
    }

    #[test]
    fn reads_the_known_members_and_ignores_all_others() {
        let message = json!({
            "user_id": "auth0|507f1f77bcf86cd799439020",
            "username": "alice",
            "email": "alice@example.org",
            "phone_number": "+41791234567",
        });
        let sign_up = SignUp::read(&message.to_string()).unwrap();
        assert_eq!(
            serde_json::to_value(&sign_up).unwrap(),
            json!({
                "user_id": "auth0|507f1f77bcf86cd799439020",
                "username": "alice",
                "email": "alice@example.org",
            })
        );
    }

    #[test]
    fn refuses_members_that_are_missing_repeated_or_of_another_type() {
        let messages = [
            "",
            "null",
            "[]",
            "\"sign-up\"",
            "{}",
            r#"["a","b","c@d",null]"#,
            r#"{"user_id":"a","email":"c@d"}"#,
            r#"{"user_id":1,"username":"b","email":"c@d"}"#,
            r#"{"user_id":"a","username":null,"email":"c@d"}"#,
            r#"{"user_id":"a","username":"b","email":7}"#,
            r#"{"user_id":"a","username":"b","email":"c@d","email":"e@f"}"#,
            r#"{"user_id":"a","username":"b","published_at":"now"}"#,
            r#"{"user_id":"a","username":"b","published_at":1.5}"#,
            r#"{"user_id":"a","username":"b","published_at":9223372036854775807}"#,
            r#"{"user_id":"a","user_id":"z","username":"b","email":"c@d"}"#,
            r#"{"user_id":"a","username":"b","email":"c@d"} and more"#,
        ];
        for message in messages {
            assert_eq!(
                SignUp::read(message),
                Err(InvalidSignUp::Shape),
                "{message}"
            );
        }
    }

    #[test]
    fn refuses_user_ids_that_break_a_rule() {
        let long = "a".repeat(USER_ID_MAX + 1);
        for user_id in ["", " ", "a b", "a\n", "a\u{7f}", &long] {
            assert_eq!(
                read(user_id, "alice", "alice@example.org"),
                Err(InvalidSignUp::Refused(Field::UserId)),
                "{user_id:?}"
            );
        }
        assert!(read(&"a".repeat(USER_ID_MAX), "alice", "alice@example.org").is_ok());
    }

    #[test]
    fn refuses_user_names_that_are_blank_too_long_or_with_control_characters() {
        let long = "é".repeat(USERNAME_MAX + 1);
        for username in ["", "  ", "al\0ice", &long] {
            assert_eq!(
                read(ID, username, "alice@example.org"),
                Err(InvalidSignUp::Refused(Field::Username)),
                "{username:?}"
            );
        }
        for username in ["alice", "Alice Liddell", &"é".repeat(USERNAME_MAX)] {
            assert!(
                read(ID, username, "alice@example.org").is_ok(),
                "{username:?}"
            );
        }
    }

    #[test]
    fn refuses_texts_that_cannot_be_an_email_address() {
        let long = format!("{}@example.org", "a".repeat(EMAIL_MAX));
        for email in [
            " ",
            "alice",
            "@example.org",
            "alice@",
            "alice@.org",
            "alice@example..org",
            "alice @example.org",
            "alice@example.org\r\nbcc: eve@example.org",
            &long,
        ] {
            assert_eq!(
                read(ID, "alice", email),
                Err(InvalidSignUp::Refused(Field::Email)),
                "{email:?}"
            );
        }
        for email in [
            "alice@example.org",
            "a.b+c@localhost",
            "\"a@b\"@example.org",
            "ålice@exämple.org",
        ] {
            assert!(read(ID, "alice", email).is_ok(), "{email:?}");
        }
    }

    #[test]
    fn a_user_may_have_no_address() {
        let without = SignUp::new(ID, "Facebook_10204567", None).unwrap();
        for email in [None, Some(json!(null)), Some(json!(""))] {
            let mut message = json!({ "user_id": ID, "username": "Facebook_10204567" });
            if let Some(email) = &email {
                message["email"] = email.clone();
            }
            assert_eq!(
                SignUp::read(&message.to_string()),
                Ok(without.clone()),
                "{message}"
            );
        }
        assert_eq!(
            serde_json::to_value(&without).unwrap(),
            json!({ "user_id": ID, "username": "Facebook_10204567" })
        );
    }

    #[test]
    fn a_message_has_the_time_of_its_publishing() {
        let at = Timestamp::from_milliseconds(1_700_000_000_123).unwrap();
        let sign_up = SignUp::new(ID, "alice", None).unwrap().published_at(at);
        let message = serde_json::to_string(&sign_up).unwrap();
        assert!(
            message.contains(r#""published_at":1700000000123"#),
            "{message}"
        );
        assert_eq!(SignUp::read(&message).unwrap().time(), Some(at));
    }

    #[test]
    fn debug_shows_neither_name_nor_address() {
        let sign_up = SignUp::new(ID, "alice", Some("alice@example.org")).unwrap();
        let shown = format!("{sign_up:?}");
        assert!(shown.contains(ID), "{shown}");
        assert!(!shown.contains("alice"), "{shown}");
    }

    #[test]
    fn a_refusal_names_the_member_and_not_its_value() {
        let refusal = read(ID, "alice", "not-an-address").unwrap_err().to_string();
        assert_eq!(refusal, "email is empty, too long or malformed");
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            let key = prop_oneof!["user_id", "username", "email", any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = SignUp::read(&text);
        }

        #[test]
        fn any_json_is_read_or_refused(json in any_json()) {
            let _ = SignUp::read(&json.to_string());
        }

        #[test]
        fn what_is_written_reads_back_as_the_same(
            user_id in any::<String>(), username in any::<String>(), local in any::<String>(),
        ) {
            if let Ok(sign_up) = SignUp::new(user_id, username, Some(&format!("{local}@example.org"))) {
                let message = serde_json::to_string(&sign_up).unwrap();
                prop_assert_eq!(SignUp::read(&message), Ok(sign_up));
            }
        }
    }
}
