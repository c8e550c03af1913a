//! The record of a session, for storage and for messages between tabs. AWS credentials are never part of it.
//!
//! The record names issuer and client: after a change of the configuration the stored session of the previous provider
//! is not used.

use serde_json::Value;

use super::keys;
use super::state::Identity;
use super::state::SignedIn;
use super::state::Versioned;
use crate::config::Provider;
use crate::json;
use crate::oauth::id_token::decode;
use crate::oauth::tokens::{AccessToken, IdToken, RefreshToken, Tokens};
use crate::store::{Store, StoreError};
use crate::time::Timestamp;

/// Raised when an older release would misread the record. A release that raises it still reads the version before; new
/// members that an older release may ignore do not raise it.
const VERSION: u64 = 2;

/// The record of a session.
/// It contains the tokens in plain text: the storage of a browser cannot keep a secret from scripts of its site.
pub(super) fn write(provider: &Provider, signed_in: &SignedIn) -> Value {
    let Tokens {
        id_token,
        access_token,
        refresh_token,
    } = &signed_in.tokens;
    let refresh_token = refresh_token.as_ref().map(RefreshToken::secret);
    let renewal_sent = signed_in.renewal_sent.map(|time| time.0);
    let mut record = json::record([
        ("version", VERSION.into()),
        ("issuer", provider.issuer.as_str().into()),
        ("client_id", provider.client_id.as_str().into()),
        ("id", signed_in.id.as_str().into()),
        ("revision", signed_in.revision.into()),
        ("since", signed_in.since.0.into()),
        ("issued", signed_in.issued.0.into()),
        ("expires", signed_in.expires.0.into()),
        ("id_token", id_token.secret().into()),
        ("access_token", access_token.secret().into()),
        ("refresh_token", refresh_token.into()),
        ("renewal_sent", renewal_sent.into()),
        ("renewal_tag", signed_in.renewal_tag.into()),
        ("rotates", signed_in.rotates.into()),
    ]);
    write_identity(&signed_in.identity, &mut record);
    record
}

/// Reads a record, unless it is damaged, of another version, or of another provider or client.
/// The claims are read again from the ID token, not from the record.
pub(super) fn read(provider: &Provider, record: &Value) -> Option<SignedIn> {
    let text = |key| json::text(record, key);
    let number = |key| record.get(key).and_then(Value::as_u64);
    let ours = number("version") == Some(VERSION)
        && text("issuer")? == provider.issuer
        && text("client_id")? == provider.client_id;
    let id_token = IdToken::new(text("id_token")?);
    let claims = decode(&id_token).ok()?;
    let signed_in = SignedIn {
        id: text("id")?,
        revision: number("revision")?,
        since: Timestamp(number("since")?),
        issued: number("issued").map_or(claims.iat, Timestamp),
        expires: Timestamp(number("expires")?),
        claims,
        tokens: Tokens {
            id_token,
            access_token: AccessToken::new(text("access_token")?),
            refresh_token: text("refresh_token").map(RefreshToken::new),
        },
        renewal_sent: number("renewal_sent").map(Timestamp),
        renewal_tag: number("renewal_tag").unwrap_or_default(),
        rotates: record.get("rotates").and_then(Value::as_bool),
        identity: read_identity(record),
        renewed_here: false,
    };
    ours.then_some(signed_in)
}

/// Writes role and identity into a record or a message.
pub(super) fn write_identity(identity: &Identity, into: &mut Value) {
    json::set(into, "role", identity.role.value.clone());
    json::set(into, "role_revision", identity.role.revision);
    json::set(into, "identity_id", identity.id.value.clone());
    json::set(into, "identity_revision", identity.id.revision);
}

/// Reads role and identity of a record or a message.
pub(super) fn read_identity(from: &Value) -> Identity {
    let versioned = |key: &str, revision: &str| Versioned {
        value: json::text(from, key),
        revision: from
            .get(revision)
            .and_then(Value::as_u64)
            .unwrap_or_default(),
    };
    Identity {
        role: versioned("role", "role_revision"),
        id: versioned("identity_id", "identity_revision"),
    }
}

/// The content of the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// No session that this release and this configuration can use.
    Nothing,
    /// A session.
    Session(Box<SignedIn>),
    /// A session that a newer release of the site has written, with its id.
    Newer(Option<String>),
}

/// Stores a session.
pub(super) fn save<S: Store>(
    store: &S,
    provider: &Provider,
    signed_in: &SignedIn,
) -> Result<(), StoreError> {
    store.set(keys::SESSION, &json::write(&write(provider, signed_in)))
}

/// Reads the storage. A record that cannot be used is removed, unless a newer release wrote it.
pub(super) fn load<S: Store>(store: &S, provider: &Provider) -> Stored {
    let Some(text) = store.get(keys::SESSION).ok().flatten() else {
        return Stored::Nothing;
    };
    let record = json::object(&text);
    if let Some(newer) = record.as_ref().filter(|record| is_newer(record)) {
        return Stored::Newer(json::text(newer, "id"));
    }
    if let Some(signed_in) = record.and_then(|record| read(provider, &record)) {
        return Stored::Session(Box::new(signed_in));
    }
    discard(store);
    Stored::Nothing
}

/// Whether a newer release wrote the record.
pub(super) fn is_newer(record: &Value) -> bool {
    let version = record.get("version").and_then(Value::as_u64);
    version.is_some_and(|version| version > VERSION)
}

/// Removes the session. A browser that blocks storage has nothing to remove.
pub(super) fn discard<S: Store>(store: &S) {
    let _ = store.remove(keys::SESSION);
}
