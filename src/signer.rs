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

/// Signs a request. The texts have one value on each line, which no value contains: `request` method and address, and then
/// the headers, names and values in turn; `credentials` access key id, secret and session token, which may be empty; `scope`
/// region and service. `body` is the bytes of the request, or nothing where `digest` is their SHA-256 digest; `now` is in
/// seconds since 1970 UTC; `valid_seconds` is how long an address with the signature in its query is valid, and 0 for a
/// signature in the headers. Returns the values of `x-amz-date` and `authorization`, or the address, or nothing for a request
/// that cannot be signed. One text crosses the border to JavaScript faster than a list.
#[wasm_bindgen]
#[must_use]
pub fn sign(
    request: &str,
    body: Vec<u8>,
    digest: Vec<u8>,
    credentials: &str,
    scope: &str,
    now: f64,
    valid_seconds: f64,
) -> Option<String> {
    let mut lines = request.split('\n');
    let (method, url) = (lines.next()?, lines.next()?);
    let mut credentials = credentials.split('\n');
    let (access_key_id, secret) = (credentials.next()?, credentials.next()?);
    let token = credentials.next().filter(|token| !token.is_empty());
    let (region, service) = scope.split_once('\n')?;
    let method = Method::ALL
        .into_iter()
        .find(|known| known.as_str() == method)?;
    let mut body = Body::from(body);
    if let Ok(digest) = <[u8; 32]>::try_from(digest) {
        body = body.with_sha256(digest);
    }
    let mut unsigned = HttpRequest::new(method, url).body(body);
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        unsigned = unsigned.header(name, value);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time after 1970"
    )]
    let now = Timestamp(now as u64);
    let credentials = Credentials {
        identity_id: String::new(),
        access_key_id: access_key_id.to_owned(),
        secret_access_key: SecretAccessKey::new(secret),
        session_token: token.map(SessionToken::new),
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
        return Some(signed.url);
    }
    let value = |name: &str| {
        let found = signed.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    Some([value("x-amz-date")?, "\n", value("authorization")?].concat())
}
