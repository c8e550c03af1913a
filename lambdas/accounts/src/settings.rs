//! The settings: tables, password hashing and the kind of token. One JSON text, checked at the start.

use lambda_common::{AllowedOrigin, AllowedOriginError};
use serde::Deserialize;
use time::SignedDuration;

use crate::password::{HashError, PasswordHashing};

/// The checked settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin of the site.
    pub allowed_origin: AllowedOrigin,
    /// The name of the table of accounts.
    pub accounts_table: String,
    /// The name of the table of attempts.
    pub attempts_table: String,
    /// The scopes of every account, separated by spaces.
    pub scope: String,
    /// How passwords are hashed.
    pub hashing: PasswordHashing,
    /// The token that a user gets for the right password.
    pub tokens: TokenKind,
}

/// The token that a user gets for the right password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A random token of a stored session, which can be ended at any time.
    Session(SessionSettings),
    /// A signed token, which contains all claims and is valid until it expires.
    Jwt(JwtSettings),
}

/// How sessions are stored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    /// The name of the table of sessions.
    pub table: String,
    /// How long a session lasts.
    pub seconds: u32,
}

/// How tokens are signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtSettings {
    /// The `iss` and `aud` of the tokens: the address of the API's stage.
    pub issuer: String,
    /// The id or ARN of the key in KMS.
    pub key_id: String,
    /// How long a token is valid.
    pub seconds: u32,
}

impl TokenKind {
    /// The value in the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Jwt(_) => "jwt",
        }
    }

    /// How long a token is valid.
    pub(crate) fn lifetime(&self) -> SignedDuration {
        SignedDuration::seconds(i64::from(self.seconds()))
    }

    fn seconds(&self) -> u32 {
        match self {
            Self::Session(session) => session.seconds,
            Self::Jwt(jwt) => jwt.seconds,
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not the JSON that is expected.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// The origin of the site is not valid.
    #[error("`allowed_origin`: {0}")]
    Origin(#[from] AllowedOriginError),
    /// Passwords cannot be hashed with these parameters.
    #[error("`argon2`: {0}")]
    Argon2(#[from] HashError),
    /// A name is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A lifetime is too short or too long.
    #[error("`seconds` is {0}: expected 60 to 2592000, 30 days")]
    Lifetime(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSettings {
    allowed_origin: String,
    accounts_table: String,
    attempts_table: String,
    scope: String,
    #[serde(default)]
    argon2: RawArgon2,
    tokens: TokenKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArgon2 {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for RawArgon2 {
    /// The minimum of the OWASP Password Storage Cheat Sheet.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Settings {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Says what is wrong and what was expected.
    pub fn read(text: &str) -> Result<Self, SettingsError> {
        let raw: RawSettings =
            serde_json::from_str(text).map_err(|error| SettingsError::Json(error.to_string()))?;
        let named = match &raw.tokens {
            TokenKind::Session(session) => [("table", session.table.as_str()); 2],
            TokenKind::Jwt(jwt) => [("issuer", jwt.issuer.as_str()), ("key_id", &jwt.key_id)],
        };
        let tables = [
            ("accounts_table", raw.accounts_table.as_str()),
            ("attempts_table", &raw.attempts_table),
        ];
        for (name, value) in named.into_iter().chain(tables) {
            if value.is_empty() {
                return Err(SettingsError::Empty(name));
            }
        }
        if !(60..=2_592_000).contains(&raw.tokens.seconds()) {
            return Err(SettingsError::Lifetime(raw.tokens.seconds()));
        }
        let RawArgon2 {
            memory_kib,
            passes,
            lanes,
        } = raw.argon2;
        Ok(Self {
            allowed_origin: raw.allowed_origin.parse()?,
            accounts_table: raw.accounts_table,
            attempts_table: raw.attempts_table,
            scope: raw.scope,
            hashing: PasswordHashing::new(memory_kib, passes, lanes)?,
            tokens: raw.tokens,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole() -> Value {
        json!({
            "allowed_origin": "https://example.org",
            "accounts_table": "accounts", "attempts_table": "attempts", "scope": "openid profile",
            "tokens": { "session": { "table": "sessions", "seconds": 43200 } }
        })
    }

    fn error(settings: &Value) -> String {
        Settings::read(&settings.to_string())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn reads_both_kinds() {
        assert_eq!(
            Settings::read(&whole().to_string()).unwrap().tokens.code(),
            "session"
        );
        let mut settings = whole();
        settings["tokens"] = json!({ "jwt": {
            "issuer": "https://api.example/latest", "key_id": "arn:aws:kms:…", "seconds": 900
        } });
        assert_eq!(
            Settings::read(&settings.to_string()).unwrap().tokens.code(),
            "jwt"
        );
    }

    #[test]
    fn says_what_is_wrong() {
        for (pointer, value, expected) in [
            ("/accounts_table", json!(""), "`accounts_table` is empty"),
            ("/tokens/session/table", json!(""), "`table` is empty"),
            ("/tokens/session/seconds", json!(59), "`seconds` is 59"),
            (
                "/tokens/session/seconds",
                json!(2_592_001),
                "`seconds` is 2592001",
            ),
            ("/allowed_origin", json!("*"), "`allowed_origin`: "),
            (
                "/tokens",
                json!({ "cookie": {} }),
                "unknown variant `cookie`",
            ),
            ("/scope", json!(null), "not the expected JSON"),
        ] {
            let mut settings = whole();
            *settings.pointer_mut(pointer).unwrap() = value;
            assert!(error(&settings).contains(expected), "{}", error(&settings));
        }
        let mut settings = whole();
        settings["argon2"] = json!({ "memory_kib": 1, "passes": 1, "lanes": 1 });
        assert!(
            error(&settings).starts_with("`argon2`: "),
            "{}",
            error(&settings)
        );
        settings["argon"] = json!({});
        assert!(error(&settings).contains("argon"), "{}", error(&settings));
    }
}
