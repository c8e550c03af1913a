//! Random values: the bytes of one request, and what is made of them.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::password::SALT_BYTES;

/// Identifies session tokens to readers and to programs that search files for secrets. A JWT cannot begin like this,
/// because it begins with the base64 of a brace.
const SESSION_PREFIX: &str = "vr_";
const DEVICE_PREFIX: &str = "vrd_";

const TOKEN_BYTES: usize = 32;

/// Random bytes for one request. No two values made of them share a byte.
#[derive(Clone, Copy)]
pub struct Entropy(pub [u8; Entropy::BYTES]);

impl Entropy {
    /// The number of random bytes for one request.
    pub const BYTES: usize = 2 * TOKEN_BYTES + 2 * SALT_BYTES;

    fn part(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    /// A new session token.
    pub(crate) fn session_token(&self) -> Token {
        let random = BASE64_URL_SAFE_NO_PAD.encode(self.part(0, TOKEN_BYTES));
        Token(format!("{SESSION_PREFIX}{random}"))
    }

    /// A new device token.
    pub(crate) fn device_token(&self) -> Token {
        let random = BASE64_URL_SAFE_NO_PAD.encode(self.part(TOKEN_BYTES, TOKEN_BYTES));
        Token(format!("{DEVICE_PREFIX}{random}"))
    }

    /// The salt of a password hash.
    pub(crate) fn salt(&self) -> &[u8] {
        self.part(2 * TOKEN_BYTES, SALT_BYTES)
    }

    /// A new id: the subject of an account, or the id of a token.
    pub(crate) fn id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.part(2 * TOKEN_BYTES + SALT_BYTES, SALT_BYTES))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy([redacted])")
    }
}

/// A token as the user gets it: of a session, signed, or of a device.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(pub(crate) String);

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_is_a_bearer_token_that_cannot_be_a_jwt() {
        let token = Entropy([0xff; Entropy::BYTES]).session_token().0;
        assert_eq!(token.len(), 3 + 43);
        assert!(token.starts_with("vr_") && !token.contains('.'));
    }

    #[test]
    fn values_of_one_request_share_no_byte() {
        let mut bytes = [0; Entropy::BYTES];
        for (byte, value) in bytes.iter_mut().zip(0..) {
            *byte = value;
        }
        let entropy = Entropy(bytes);
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let all = [
            decode(&entropy.session_token().0["vr_".len()..]),
            decode(&entropy.device_token().0["vrd_".len()..]),
            entropy.salt().to_vec(),
            decode(&entropy.id()),
        ];
        assert_eq!(all.concat(), bytes);
    }
}
