//! The session as it is kept between page loads. AWS credentials are never kept.

use serde::Serialize;
use serde_json::Value;

use super::keys;
use super::state::SignedIn;
use crate::config::UserPool;
use crate::json;
use crate::oauth::tokens::{AccessToken, IdToken, RefreshToken, Tokens};
use crate::store::{Store, StoreError};

/// Raised when the shape below changes; records of other versions are discarded.
const VERSION: u64 = 1;

#[derive(Serialize)]
struct Record<'a> {
    version: u64,
    issuer: &'a str,
    client_id: &'a str,
    id_token: &'a IdToken,
    access_token: &'a AccessToken,
    refresh_token: Option<&'a RefreshToken>,
}

/// Keeps a session.
pub(super) fn save<S: Store>(
    store: &S,
    user_pool: &UserPool,
    signed_in: &SignedIn,
) -> Result<(), StoreError> {
    let Tokens {
        id_token,
        access_token,
        refresh_token,
    } = &signed_in.tokens;
    let record = Record {
        version: VERSION,
        issuer: &user_pool.issuer,
        client_id: &user_pool.client_id,
        id_token,
        access_token,
        refresh_token: refresh_token.as_ref(),
    };
    let text = serde_json::to_string(&record).map_err(|_| StoreError::Full)?;
    store.set(keys::SESSION, &text)
}

/// The kept session, if there is one that this configuration can use. Whatever is damaged, of another
/// version, or of another user pool or client is discarded.
pub(super) fn load<S: Store>(store: &S, user_pool: &UserPool) -> Option<SignedIn> {
    let text = store.get(keys::SESSION).ok()??;
    let signed_in = json::object(&text).and_then(|record| usable(&record, user_pool));
    if signed_in.is_none() {
        discard(store);
    }
    signed_in
}

/// Forgets the kept session. A browser that blocks storage has nothing to forget.
pub(super) fn discard<S: Store>(store: &S) {
    let _ = store.remove(keys::SESSION);
}

fn usable(record: &Value, user_pool: &UserPool) -> Option<SignedIn> {
    let text = |key| json::text(record, key);
    let ours = record.get("version").and_then(Value::as_u64) == Some(VERSION)
        && text("issuer")? == user_pool.issuer
        && text("client_id")? == user_pool.client_id;
    let tokens = Tokens {
        id_token: IdToken::new(text("id_token")?),
        access_token: AccessToken::new(text("access_token")?),
        refresh_token: text("refresh_token").map(RefreshToken::new),
    };
    ours.then(|| SignedIn::new(tokens).ok()).flatten()
}
