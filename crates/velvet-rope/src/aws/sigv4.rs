//! Signature Version 4 for API Gateway, by the crate `aws-sigv4` with the settings that `execute-api` needs.
//!
//! Requests that are in the form in which this library sends them take a short way: the [canonical request](super::canonical)
//! needs no further reading of the address, and the signing key is kept. The crate signs all others as a whole.
//!
//! The path is encoded twice in the canonical request, as every service but S3 requires; the session token is among the
//! signed headers; the host is signed as the browser sends it. Source: AWS General Reference, "Create a signed AWS API
//! request".

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;
use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::canonical::{ALGORITHM, canonical_request, string_to_sign};
use super::credentials::{Credentials, SecretAccessKey};
use crate::http::{HttpRequest, host_of, normalize_url};
use crate::time::Timestamp;

const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// The credential scope of a signature, apart from its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The region of the API.
    pub region: &'a str,
    /// The service: `execute-api`.
    pub service: &'a str,
}

/// Why a request could not be signed. The cause is left out because it may repeat parts of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SigningError {
    /// The address or a header of the request is not valid.
    #[error("the request cannot be signed: its address or a header is not valid")]
    Invalid,
    /// The signer module could not be loaded.
    #[error("the module that signs could not be loaded")]
    Unavailable,
}

/// Where a signature is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// Into the headers of a request.
    Headers,
    /// Into the query of an address, which is valid for this time; AWS accepts one second to seven days. A browser opens
    /// it by itself: a WebSocket, a download. Source: AWS API reference, "Authenticating requests: using query parameters".
    Query(Duration),
}

/// Adds `authorization`, `x-amz-date` and `x-amz-security-token` to a request. `now` is the time in the
/// signature; AWS accepts five minutes of difference. All headers that the request has so far are signed.
///
/// # Errors
/// [`SigningError::Invalid`] when the address or a header of the request is not valid.
pub fn sign(
    request: HttpRequest,
    credentials: &Credentials,
    scope: Scope<'_>,
    now: Timestamp,
) -> Result<HttpRequest, SigningError> {
    sign_as(request, credentials, scope, now, SignatureForm::Headers)
}

/// As [`sign`], with the signature in the headers or in the query of the address.
///
/// # Errors
/// [`SigningError::Invalid`] when the address or a header of the request is not valid, or a query form is valid for less
/// than a second or more than seven days.
pub fn sign_as(
    request: HttpRequest,
    credentials: &Credentials,
    scope: Scope<'_>,
    now: Timestamp,
    form: SignatureForm,
) -> Result<HttpRequest, SigningError> {
    SigningKeys::default().sign_as(request, credentials, scope, now, form)
}

/// The last signing key. It depends on the secret access key, the day, the region and the service only, so that one serves
/// for all requests of a user on a day; deriving it costs as much as the rest of a signature.
#[derive(Default)]
pub struct SigningKeys(RefCell<Option<KnownKey>>);

struct KnownKey {
    secret: SecretAccessKey,
    day: u64,
    region: String,
    service: String,
    key: Vec<u8>,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKeys")
    }
}

impl SigningKeys {
    /// As [`sign_as`], with the key of the call before if it fits.
    ///
    /// # Errors
    /// As [`sign_as`].
    pub fn sign_as(
        &self,
        request: HttpRequest,
        credentials: &Credentials,
        scope: Scope<'_>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Result<HttpRequest, SigningError> {
        if form == SignatureForm::Headers {
            return match self.sign_headers(request, credentials, scope, now) {
                Ok(signed) => Ok(signed),
                Err(request) => sign_any(*request, credentials, scope, now, form),
            };
        }
        sign_any(request, credentials, scope, now, form)
    }

    /// Signs a request that is in the form in which this library sends it. Gives back any other one.
    fn sign_headers(
        &self,
        request: HttpRequest,
        credentials: &Credentials,
        scope: Scope<'_>,
        now: Timestamp,
    ) -> Result<HttpRequest, Box<HttpRequest>> {
        let given = request.headers.len();
        let has = |name: &str| request.headers.iter().any(|(known, _)| known == name);
        if has("authorization") || has(DATE) || has(TOKEN) {
            return Err(Box::new(request));
        }
        let date = now.to_iso8601_basic();
        let mut request = request.header(DATE, date.as_str());
        if let Some(token) = &credentials.session_token {
            request = request.header(TOKEN, token.secret());
        }
        let Some(canonical) = canonical_request(&request) else {
            request.headers.truncate(given);
            return Err(Box::new(request));
        };
        let scope_text = [
            &date[..8],
            "/",
            scope.region,
            "/",
            scope.service,
            "/aws4_request",
        ]
        .concat();
        let to_sign = string_to_sign(&date, &scope_text, &canonical.text);
        let signature = self.signature(credentials, scope, now, &to_sign);
        let authorization = [
            ALGORITHM,
            " Credential=",
            &credentials.access_key_id,
            "/",
            &scope_text,
            ", SignedHeaders=",
            &canonical.signed_headers,
            ", Signature=",
            &signature,
        ];
        Ok(request.header("authorization", authorization.concat()))
    }

    fn signature(
        &self,
        credentials: &Credentials,
        scope: Scope<'_>,
        now: Timestamp,
        to_sign: &str,
    ) -> String {
        let day = now.0 / 86_400;
        let mut known = self.0.borrow_mut();
        let fits = |known: &&mut KnownKey| {
            known.day == day
                && known.region == scope.region
                && known.service == scope.service
                && known.secret == credentials.secret_access_key
        };
        if let Some(known) = known.as_mut().filter(fits) {
            return v4::calculate_signature(&known.key, to_sign.as_bytes());
        }
        let secret = credentials.secret_access_key.clone();
        let time = now.to_system_time();
        let key = v4::generate_signing_key(secret.secret(), time, scope.region, scope.service);
        let signature = v4::calculate_signature(&key, to_sign.as_bytes());
        *known = Some(KnownKey {
            secret,
            day,
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
            key: key.as_ref().to_vec(),
        });
        signature
    }
}

/// Signs a request in any form: `aws-sigv4` brings it into that which it signs.
fn sign_any(
    mut request: HttpRequest,
    credentials: &Credentials,
    scope: Scope<'_>,
    now: Timestamp,
    form: SignatureForm,
) -> Result<HttpRequest, SigningError> {
    let url = normalize_url(&request.url);
    // The signer would panic on an address without a host.
    let host = host_of(&url);
    if !url.contains("://") || host.is_empty() || host.starts_with([':', '@']) {
        return Err(SigningError::Invalid);
    }
    let mut settings = SigningSettings::default();
    if let SignatureForm::Query(valid) = form {
        if !(1..=7 * 86_400).contains(&valid.as_secs()) {
            return Err(SigningError::Invalid);
        }
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(valid);
    }
    let identity = SigningCredentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.secret(),
        credentials
            .session_token
            .as_ref()
            .map(|token| token.secret().to_owned()),
        None,
        "identity-pool",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(now.to_system_time())
        .settings(settings)
        .build()
        .map_err(|_| SigningError::Invalid)?
        .into();
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(
        request.method.as_str(),
        url.as_str(),
        headers,
        match request.body.sha256() {
            Some(digest) => SignableBody::Precomputed(hexadecimal(digest)),
            None => SignableBody::Bytes(&request.body),
        },
    )
    .map_err(|_| SigningError::Invalid)?;
    let (instructions, _signature) = sign_request(signable, &params)
        .map_err(|_| SigningError::Invalid)?
        .into_parts();
    for (name, value) in instructions.headers() {
        request = request.header(name, value);
    }
    if let SignatureForm::Query(_) = form {
        let mut url = url;
        // The signature comes last, as botocore writes it.
        let (last, others): (Vec<_>, Vec<_>) = instructions
            .params()
            .iter()
            .partition(|(name, _)| *name == "X-Amz-Signature");
        for (name, value) in others.into_iter().chain(last) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(name);
            url.push('=');
            let encoded = form_urlencoded::byte_serialize(value.as_bytes());
            url.extend(encoded);
        }
        request.url = url;
    }
    Ok(request)
}

fn hexadecimal(digest: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
