//! The credentials in the body of a request: a user name and a password.
//!
//! An error names the rule and never repeats the value: one of the two is a secret, and people type it into the other
//! field.

use std::fmt;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_common::read_json_object;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::secret::Token;

/// Larger than all values can be, with every character escaped.
const LARGEST_BODY: usize = 4 * 1024;

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=64;

/// In characters. The minimum of NIST SP 800-63B section 3.1.1.2, and a maximum that limits the work of one request.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// The name of an account, in lower case, as it is compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccountName(String);

/// A password.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// In the Unicode form NFKC.
    normalized: String,
    /// The other forms in which an account may have been created before passwords were normalized.
    older_forms: Vec<String>,
}

/// The credentials of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) name: AccountName,
    pub(crate) password: Password,
    /// What an earlier sign-in returned to this device.
    pub(crate) device_token: Option<Token>,
}

/// What is wrong with a request, for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidCredentials {
    /// The body is not the expected JSON.
    #[error(
        "the body must be a JSON object with name and password, and optionally device_token, all strings, and nothing else"
    )]
    Body,
    /// The body is too large.
    #[error("the body must have no more than 4096 bytes")]
    Size,
    /// The name breaks a rule.
    #[error(
        "name must have 3 to 64 characters: letters of the English alphabet, digits and . _ @ + -, \
         with a letter or digit first"
    )]
    Name,
    /// The password breaks a rule.
    #[error("password must have 8 to 128 characters, none of them a control character")]
    Password,
    /// The password is the name, which is not secret.
    #[error("password must not be the name")]
    PasswordIsName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    name: String,
    password: String,
    device_token: Option<String>,
}

impl AccountName {
    /// Reads a name; `None` if it breaks a rule. Letters of other alphabets are refused, because two names could look
    /// alike. Full-width letters, which some keyboards produce, become ordinary ones.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.trim().nfkc().collect();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
        let fits = NAME_LENGTH.contains(&text.len())
            && text.bytes().all(is_allowed)
            && text.starts_with(|first: char| first.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccountName([redacted])")
    }
}

impl Password {
    /// Reads a password, also one that was accepted before passwords were normalized; `None` if it breaks a rule.
    ///
    /// One password can arrive as different code points, depending on the keyboard and the system. So NIST SP 800-63B
    /// section 3.1.1.2 recommends to normalize it to NFKC before it is hashed.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let normalized: String = text.nfkc().collect();
        let mut older_forms = Vec::new();
        for form in [text.to_owned(), text.nfc().collect(), text.nfd().collect()] {
            if form != normalized && !older_forms.contains(&form) {
                older_forms.push(form);
            }
        }
        let password = Self {
            normalized,
            older_forms,
        };
        let has_length = |form: &str| PASSWORD_LENGTH.contains(&form.chars().count());
        let fits = !text.contains(char::is_control) && password.forms().any(has_length);
        fits.then_some(password)
    }

    /// Whether a new account may have this password.
    fn is_acceptable(&self) -> bool {
        PASSWORD_LENGTH.contains(&self.normalized.chars().count())
    }

    /// The password in the form that is hashed. Never to be shown.
    #[must_use]
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    /// All forms of the password, the normalized one first. Never to be shown.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        let older = self.older_forms.iter().map(String::as_str);
        std::iter::once(self.normalized()).chain(older)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password([redacted])")
    }
}

impl Credentials {
    /// Reads the credentials of a new account.
    pub(crate) fn read_new(request: &ApiGatewayProxyRequest) -> Result<Self, InvalidCredentials> {
        let credentials = Self::read(request)?;
        if credentials.password.is_acceptable() {
            Ok(credentials)
        } else {
            Err(InvalidCredentials::Password)
        }
    }

    /// Reads the credentials of a sign-in.
    pub(crate) fn read(request: &ApiGatewayProxyRequest) -> Result<Self, InvalidCredentials> {
        let body = request.body.as_deref().unwrap_or_default();
        if body.len() > LARGEST_BODY {
            return Err(InvalidCredentials::Size);
        }
        let posted: Result<Posted, _> = if request.is_base64_encoded {
            let bytes = BASE64_STANDARD.decode(body);
            read_json_object(&bytes.map_err(|_| InvalidCredentials::Body)?)
        } else {
            read_json_object(body.as_bytes())
        };
        let posted = posted.map_err(|_| InvalidCredentials::Body)?;
        let name = AccountName::read(&posted.name).ok_or(InvalidCredentials::Name)?;
        let password = Password::read(&posted.password).ok_or(InvalidCredentials::Password)?;
        if password.normalized.trim().eq_ignore_ascii_case(&name.0) {
            return Err(InvalidCredentials::PasswordIsName);
        }
        Ok(Self {
            name,
            password,
            device_token: posted.device_token.map(Token),
        })
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
    fn reads_a_name_and_a_password() {
        assert_eq!(
            read(r#"{"name":"Alice","password":"correct horse"}"#),
            Ok(())
        );
        assert_eq!(AccountName::read("Alice").unwrap().as_str(), "alice");
    }

    #[test]
    fn reads_a_body_in_base64() {
        let mut request = ApiGatewayProxyRequest::default();
        request.is_base64_encoded = true;
        request.body =
            Some(BASE64_STANDARD.encode(r#"{"name":"alice","password":"correct horse"}"#));
        assert!(Credentials::read(&request).is_ok());
        request.body = Some("no base64!".to_owned());
        assert_eq!(Credentials::read(&request), Err(InvalidCredentials::Body));
    }

    #[test]
    fn refuses_other_members_and_types() {
        for body in [
            "",
            "null",
            "[]",
            "{",
            r#"{"name":"alice"}"#,
            r#"{"name":"alice","password":12345678}"#,
            r#"{"name":"alice","password":"correct horse","device_token":7}"#,
            r#"["alice","correct horse",null]"#,
            r#"{"name":"alice","password":"correct horse","admin":true}"#,
            r#"{"name":"alice","name":"bob","password":"correct horse"}"#,
        ] {
            assert_eq!(read(body), Err(InvalidCredentials::Body), "{body}");
        }
        let long = format!(r#"{{"name":"alice","password":"{}"}}"#, "a".repeat(4096));
        assert_eq!(read(&long), Err(InvalidCredentials::Size));
    }

    #[test]
    fn names_have_few_kinds_of_characters() {
        for name in ["bob", "a.b_c@d+e-f", "0bob", &"a".repeat(64)] {
            assert!(AccountName::read(name).is_some(), "{name}");
        }
        for (typed, name) in [
            (" Alice ", "alice"),
            ("\u{ff41}\u{ff4c}\u{ff49}\u{ff43}\u{ff45}", "alice"),
        ] {
            assert_eq!(AccountName::read(typed).unwrap().as_str(), name);
        }
        for name in [
            "",
            "bo",
            ".bob",
            "-bob",
            "b ob",
            "bób",
            "bo\nb",
            "bob/x",
            &"a".repeat(65),
        ] {
            assert!(AccountName::read(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_length_of_a_password_is_counted_in_characters() {
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
    fn the_length_of_a_new_password_is_that_of_its_normalized_form() {
        // Eight code points, four letters.
        let short = r#"{"name":"alice","password":"e\u0301e\u0301e\u0301e\u0301"}"#;
        let mut request = ApiGatewayProxyRequest::default();
        request.body = Some(short.to_owned());
        assert_eq!(
            Credentials::read_new(&request),
            Err(InvalidCredentials::Password)
        );
        // An account from before normalization may have it.
        assert!(Credentials::read(&request).is_ok());
    }

    #[test]
    fn a_password_has_no_second_form_where_normalization_changes_nothing() {
        for (text, count) in [
            ("correct horse", 1),
            ("\u{c4}pfel-und", 2),
            ("A\u{308}pfel-und", 2),
        ] {
            assert_eq!(
                Password::read(text).unwrap().forms().count(),
                count,
                "{text}"
            );
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
        fn any_body_is_read_or_refused(body in any::<String>()) {
            let _ = read(&body);
        }

        #[test]
        fn no_error_repeats_a_value(name in "[a-z]{65,80}", password in "[A-Z]{1,7}") {
            let error = read(&format!(r#"{{"name":"{name}","password":"secret{password}"}}"#)).unwrap_err();
            prop_assert!(!error.to_string().contains(&name));
        }
    }
}
