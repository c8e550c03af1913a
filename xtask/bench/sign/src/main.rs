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

    /// The headers to send with a request, names and values in turn; nothing if it cannot be signed. `headers` are those
    /// it has, likewise; `digest` is the SHA-256 digest of the body, or empty where the signer is to compute it; `now` is in
    /// seconds since 1970 UTC.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "lists come out of JavaScript by value"
    )]
    pub fn sign(
        &self,
        method: &str,
        url: &str,
        headers: Vec<String>,
        body: Vec<u8>,
        digest: Vec<u8>,
        now: f64,
    ) -> Option<Vec<String>> {
        let method = Method::ALL
            .into_iter()
            .find(|known| known.as_str() == method)?;
        let mut body = Body::from(body);
        if let Ok(digest) = digest.try_into() {
            body = body.with_sha256(digest);
        }
        let mut request = HttpRequest::new(method, url).body(body);
        for pair in headers.chunks_exact(2) {
            request = request.header(&pair[0], pair[1].as_str());
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
        let headers = signed.headers.into_iter();
        Some(headers.flat_map(|(name, value)| [name, value]).collect())
    }
}
