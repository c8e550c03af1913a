//! The sign-up message: what a publisher sends, what travels, what the table keeps.
//!
//! ```json
//! { "user_id": "0a1b2c3d-…", "username": "alice", "email": "alice@example.org" }
//! ```
//!
//! Members beyond these three are ignored, so that nothing else about a user is ever kept.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Takes `text` as a user id: 1 to 255 visible characters.
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

/// A user as the backend knows it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SignUp {
    user_id: UserId,
    username: String,
    email: String,
}

/// Names the user by the id alone: the rest is personal and stays out of logs.
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

/// Why a message is no sign-up. It names the member and never repeats its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignUp {
    /// It is not a JSON object whose three members are there once each and are strings.
    #[error("expected a JSON object with the strings user_id, username and email, once each")]
    Shape,
    /// A member cannot be what its name says.
    #[error("{0} is empty, too long or malformed")]
    Refused(Field),
}

#[derive(Deserialize)]
struct Unchecked {
    user_id: String,
    username: String,
    email: String,
}

impl SignUp {
    /// A sign-up of the given user.
    ///
    /// # Errors
    ///
    /// When a member is empty, too long or malformed.
    pub fn new(
        user_id: impl Into<String>,
        username: impl Into<String>,
        email: impl Into<String>,
    ) -> Result<Self, InvalidSignUp> {
        let (user_id, username, email) = (UserId::new(user_id)?, username.into(), email.into());
        if !is_filled(&username, USERNAME_MAX) {
            return Err(InvalidSignUp::Refused(Field::Username));
        }
        if !is_email(&email) {
            return Err(InvalidSignUp::Refused(Field::Email));
        }
        Ok(Self {
            user_id,
            username,
            email,
        })
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
    /// When it is no sign-up.
    pub fn read(message: &str) -> Result<Self, InvalidSignUp> {
        let Unchecked {
            user_id,
            username,
            email,
        } = serde_json::from_str(message).map_err(|_| InvalidSignUp::Shape)?;
        Self::new(user_id, username, email)
    }

    /// Who signed up.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The name that the user signs in with.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user's email address.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }
}

fn is_filled(text: &str, max_characters: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= max_characters
        && !text.contains(char::is_control)
}

/// Catches what is surely no address; only a message sent to it could prove that it is one.
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
    fn reads_the_three_members_and_drops_all_others() {
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
    fn refuses_what_is_no_object_of_three_strings() {
        let messages = [
            "",
            "null",
            "[]",
            "\"sign-up\"",
            "{}",
            r#"{"user_id":"a","username":"b"}"#,
            r#"{"user_id":1,"username":"b","email":"c@d"}"#,
            r#"{"user_id":"a","username":null,"email":"c@d"}"#,
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
    fn refuses_user_ids_that_no_issuer_writes() {
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
    fn refuses_what_is_surely_no_email_address() {
        let long = format!("{}@example.org", "a".repeat(EMAIL_MAX));
        for email in [
            "",
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
    fn tells_neither_name_nor_address_to_a_log() {
        let sign_up = SignUp::new(ID, "alice", "alice@example.org").unwrap();
        let told = format!("{sign_up:?}");
        assert!(told.contains(ID), "{told}");
        assert!(!told.contains("alice"), "{told}");
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
            if let Ok(sign_up) = SignUp::new(user_id, username, format!("{local}@example.org")) {
                let message = serde_json::to_string(&sign_up).unwrap();
                prop_assert_eq!(SignUp::read(&message), Ok(sign_up));
            }
        }
    }
}
