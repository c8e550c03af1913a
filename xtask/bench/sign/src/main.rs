//! The library's signer as a module that a page calls, built like a release.

use velvet_rope::aws::{
    Credentials, Scope, SecretAccessKey, SessionToken, SignatureForm, SigningKeys,
};
use velvet_rope::{Body, HttpRequest, Method, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Signs with the same credentials each time.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Signer {
    credentials: Credentials,
    region: String,
    service: String,
    keys: SigningKeys,
}

#[wasm_bindgen]
impl Signer {
    /// A signer with these credentials.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(
        access_key_id: String,
        secret_access_key: &str,
        session_token: &str,
        region: String,
        service: String,
    ) -> Self {
        Self {
            credentials: Credentials {
                identity_id: String::new(),
                access_key_id,
                secret_access_key: SecretAccessKey::new(secret_access_key),
                session_token: Some(SessionToken::new(session_token)),
                expiration: Timestamp(u64::MAX),
            },
            region,
            service,
            keys: SigningKeys::default(),
        }
    }

    /// The values of `x-amz-date` and `authorization`, on a line each; nothing for a request that cannot be signed. `request`
    /// has one value on each line, as the app's module gets it: method, address, and the headers, names and values in turn.
    /// `digest` is the SHA-256 digest of the body, or empty where the signer is to compute it; `now` is in seconds since 1970
    /// UTC.
    #[must_use]
    pub fn sign(&self, request: &str, body: Vec<u8>, digest: Vec<u8>, now: f64) -> Option<String> {
        let mut lines = request.split('\n');
        let (method, url) = (lines.next()?, lines.next()?);
        let method = Method::ALL
            .into_iter()
            .find(|known| known.as_str() == method)?;
        let mut body = Body::from(body);
        if let Ok(digest) = digest.try_into() {
            body = body.with_sha256(digest);
        }
        let mut request = HttpRequest::new(method, url).body(body);
        while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
            request = request.header(name, value);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time after 1970"
        )]
        let now = Timestamp(now as u64);
        let scope = Scope {
            region: &self.region,
            service: &self.service,
        };
        let form = SignatureForm::Headers;
        let signed = self
            .keys
            .sign_as(request, &self.credentials, scope, now, form);
        let signed = signed.ok()?;
        let value = |name: &str| {
            let found = signed.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        Some([value("x-amz-date")?, "\n", value("authorization")?].concat())
    }
}
