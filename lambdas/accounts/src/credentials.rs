//! What a person typed: a user name and a password, read out of the body of a request and checked.
//!
//! What is wrong is said by rule, never by repeating what was sent: one of the two is a secret, and people type it
//! into the other field.

use std::fmt;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Larger than both values can be, with every character escaped.
const LARGEST_BODY: usize = 4 * 1024;

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=64;

/// What NIST SP 800-63B section 3.1.1.2 asks for at least.
const SHORTEST_PASSWORD: usize = 8;

/// Argon2 hashes any length, but nobody types more than this.
const LONGEST_PASSWORD: usize = 128;

/// The name of an account, as it is compared: in lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccountName(String);

/// A password, as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) name: AccountName,
    pub(crate) password: Password,
}

/// What is wrong with a request, for the caller to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidCredentials {
    /// Not the JSON that is expected.
    #[error(
        "the body must be a JSON object with name and password, both strings, and nothing else"
    )]
    Body,
    /// More than anybody needs.
    #[error("the body must have no more than 4096 bytes")]
    Size,
    /// Not a user name.
    #[error(
        "name must have 3 to 64 characters: letters of the English alphabet, digits and . _ @ + -, \
         with a letter or digit first"
    )]
    Name,
    /// Not a password that is taken.
    #[error("password must have 8 to 128 characters, none of them a control character")]
    Password,
    /// The password is what everybody can see.
    #[error("password must not be the name")]
    PasswordIsName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    name: String,
    password: String,
}

impl AccountName {
    /// Reads a name; `None` if it is none. Letters of other alphabets are refused, because two names could then
    /// look alike.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
        let fits = NAME_LENGTH.contains(&text.len())
            && text.bytes().all(of_name)
            && text.starts_with(|first: char| first.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What attempts are counted under. People type passwords into the wrong field, so what nobody is called is
    /// not kept in the clear.
    pub(crate) fn digest(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccountName([redacted])")
    }
}

impl Password {
    /// Reads a password for a new account; `None` if it is too short, too long or cannot be typed.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let length = text.chars().count();
        let fits = (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length)
            && !text.contains(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The password itself, to be hashed, never to be shown.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password([redacted])")
    }
}

impl Credentials {
    /// Reads the body of a request.
    pub(crate) fn read(request: &ApiGatewayProxyRequest) -> Result<Self, InvalidCredentials> {
        let body = request.body.as_deref().unwrap_or_default();
        if body.len() > LARGEST_BODY {
            return Err(InvalidCredentials::Size);
        }
        let posted: Result<Posted, _> = if request.is_base64_encoded {
            let bytes = BASE64_STANDARD.decode(body);
            serde_json::from_slice(&bytes.map_err(|_| InvalidCredentials::Body)?)
        } else {
            serde_json::from_str(body)
        };
        let Posted { name, password } = posted.map_err(|_| InvalidCredentials::Body)?;
        let name = AccountName::read(&name).ok_or(InvalidCredentials::Name)?;
        let password = Password::read(&password).ok_or(InvalidCredentials::Password)?;
        if password.0.eq_ignore_ascii_case(&name.0) {
            return Err(InvalidCredentials::PasswordIsName);
        }
        Ok(Self { name, password })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<(), InvalidCredentials> {
        let mut request = ApiGatewayProxyRequest::default();
        request.body = Some(body.to_owned());
        Credentials::read(&request).map(drop)
    }

    #[test]
    fn takes_a_name_and_a_password() {
        assert_eq!(
            read(r#"{"name":"Alice","password":"correct horse"}"#),
            Ok(())
        );
        assert_eq!(AccountName::read("Alice").unwrap().as_str(), "alice");
    }

    #[test]
    fn takes_a_body_in_base64() {
        let mut request = ApiGatewayProxyRequest::default();
        request.is_base64_encoded = true;
        request.body =
            Some(BASE64_STANDARD.encode(r#"{"name":"alice","password":"correct horse"}"#));
        assert!(Credentials::read(&request).is_ok());
        request.body = Some("no base64!".to_owned());
        assert_eq!(Credentials::read(&request), Err(InvalidCredentials::Body));
    }

    #[test]
    fn refuses_everything_but_the_two_members() {
        for body in [
            "",
            "null",
            "[]",
            "{",
            r#"{"name":"alice"}"#,
            r#"{"name":"alice","password":12345678}"#,
            r#"{"name":"alice","password":"correct horse","admin":true}"#,
            r#"{"name":"alice","name":"bob","password":"correct horse"}"#,
        ] {
            assert_eq!(read(body), Err(InvalidCredentials::Body), "{body}");
        }
        let long = format!(r#"{{"name":"alice","password":"{}"}}"#, "a".repeat(4096));
        assert_eq!(read(&long), Err(InvalidCredentials::Size));
    }

    #[test]
    fn names_are_plain_and_short() {
        for name in ["bob", "a.b_c@d+e-f", "0bob", &"a".repeat(64)] {
            assert!(AccountName::read(name).is_some(), "{name}");
        }
        for name in [
            "",
            "bo",
            ".bob",
            "-bob",
            "b ob",
            "bób",
            "bob\n",
            "bob/x",
            &"a".repeat(65),
        ] {
            assert!(AccountName::read(name).is_none(), "{name}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters_and_may_hold_any_that_can_be_typed() {
        for password in ["12345678", "пароль123", "corréct 🐴 ", &"é".repeat(128)] {
            assert!(Password::read(password).is_some(), "{password}");
        }
        for password in [
            "",
            "1234567",
            "tab\tinside",
            "nul\0inside",
            &"a".repeat(129),
        ] {
            assert!(Password::read(password).is_none(), "{password}");
        }
    }

    #[test]
    fn a_password_that_is_the_name_is_refused() {
        let body = r#"{"name":"alice.anderson","password":"Alice.Anderson"}"#;
        assert_eq!(read(body), Err(InvalidCredentials::PasswordIsName));
    }

    #[test]
    fn debug_and_errors_repeat_neither() {
        let (name, password) = (
            AccountName::read("alice").unwrap(),
            Password::read("correct horse"),
        );
        let text = format!("{:?}", (name, password));
        assert!(!text.contains("alice") && !text.contains("horse"), "{text}");
    }

    proptest! {
        #[test]
        fn any_body_is_taken_or_refused(body in any::<String>()) {
            let _ = read(&body);
        }

        #[test]
        fn any_error_says_nothing_of_the_values(name in "[a-z]{65,80}", password in "[A-Z]{1,7}") {
            let error = read(&format!(r#"{{"name":"{name}","password":"secret{password}"}}"#)).unwrap_err();
            prop_assert!(!error.to_string().contains(&name));
        }
    }
}
