//! Values for the tests of single parts.

use std::time::Duration;

use super::cloud::unsigned_token;
use super::{CLIENT_ID, ISSUER, START};
use crate::aws::credentials::{Credentials, SecretAccessKey, SessionToken};
use crate::config::{Provider, parse};
use crate::oauth::tokens::{AccessToken, IdToken, RefreshToken, Tokens};
use crate::session::state::SignedIn;
use crate::time::Timestamp;

/// The provider of the example configuration.
pub(in crate::session) fn provider() -> Provider {
    parse(crate::config::EXAMPLE).unwrap().provider
}

/// A session whose tokens are named after its revision, and valid for an hour.
pub(in crate::session) fn signed_in(id: &str, revision: u64) -> SignedIn {
    let tokens = Tokens {
        id_token: IdToken::new(unsigned_token(&serde_json::json!({
            "sub": "user-1", "iss": ISSUER, "aud": CLIENT_ID, "token_use": "id", "iat": START.0,
            "exp": START.0 + 3_600
        }))),
        access_token: AccessToken::new(format!("access-{id}-{revision}")),
        refresh_token: Some(RefreshToken::new(format!("refresh-{id}-{revision}"))),
    };
    let mut signed_in =
        SignedIn::new(id.to_owned(), tokens, Some(Duration::from_hours(1)), START).unwrap();
    signed_in.revision = revision;
    signed_in.renewed_here = false;
    signed_in
}

/// Credentials that expire then.
pub(in crate::session) fn credentials(expiration: u64) -> Credentials {
    Credentials {
        identity_id: "eu-west-1:identity".to_owned(),
        access_key_id: "ASIA1".to_owned(),
        secret_access_key: SecretAccessKey::new("secret"),
        session_token: Some(SessionToken::new("session")),
        expiration: Timestamp(expiration),
    }
}
