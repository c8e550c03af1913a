//! The module that signs requests, apart from the app: only `aws-sigv4`. `browser::signer` loads it.

use std::time::Duration;

use velvet_rope::aws::{
    Credentials, Scope, SecretAccessKey, SessionToken, SignatureForm, SigningKeys,
};
use velvet_rope::{Body, HttpRequest, Method, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

thread_local! {
    static KEYS: SigningKeys = SigningKeys::default();
}

/// Signs a request. `request` is method and address, and then the headers, names and values in turn; `body` is its bytes,
/// or nothing where `digest` is their SHA-256 digest; `credentials` access key id, secret and session token, which may be
/// empty; `scope` region and service; `now` in seconds since 1970 UTC; `valid_seconds` how long an address with the
/// signature in its query is valid, and 0 for a signature in the headers. Returns the headers to add, names and values in
/// turn, or the address behind an empty name, or nothing for a request that cannot be signed.
#[wasm_bindgen]
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "lists come out of JavaScript by value"
)]
pub fn sign(
    request: Vec<String>,
    body: Vec<u8>,
    digest: Vec<u8>,
    credentials: Vec<String>,
    scope: Vec<String>,
    now: f64,
    valid_seconds: f64,
) -> Option<Vec<String>> {
    let [method, url, headers @ ..] = &request[..] else {
        return None;
    };
    let [access_key_id, secret, token] = &credentials[..] else {
        return None;
    };
    let [region, service] = &scope[..] else {
        return None;
    };
    let method = Method::ALL
        .into_iter()
        .find(|known| known.as_str() == method)?;
    let mut body = Body::from(body);
    if let Ok(digest) = <[u8; 32]>::try_from(digest) {
        body = body.with_sha256(digest);
    }
    let mut unsigned = HttpRequest::new(method, url.as_str()).body(body);
    for pair in headers.chunks_exact(2) {
        unsigned = unsigned.header(&pair[0], pair[1].as_str());
    }
    let given = unsigned.headers.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time after 1970"
    )]
    let now = Timestamp(now as u64);
    let credentials = Credentials {
        identity_id: String::new(),
        access_key_id: access_key_id.clone(),
        secret_access_key: SecretAccessKey::new(secret.as_str()),
        session_token: (!token.is_empty()).then(|| SessionToken::new(token.as_str())),
        expiration: now,
    };
    let form = match Duration::try_from_secs_f64(valid_seconds) {
        Ok(valid) if !valid.is_zero() => SignatureForm::Query(valid),
        _ => SignatureForm::Headers,
    };
    let scope = Scope { region, service };
    let signed = KEYS.with(|keys| keys.sign_as(unsigned, &credentials, scope, now, form));
    let signed = signed.ok()?;
    if form != SignatureForm::Headers {
        return Some(vec![String::new(), signed.url]);
    }
    let added = signed.headers.into_iter().skip(given);
    Some(added.flat_map(|(name, value)| [name, value]).collect())
}
