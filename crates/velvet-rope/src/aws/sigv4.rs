//! Signature Version 4 for API Gateway: the [canonical request](super::canonical) is that of a request as browsers send it, and the
//! crate `aws-sigv4` derives the signing key and signs.
//!
//! The path is encoded twice in the canonical request, as every service but S3 requires; the session token is among the
//! signed headers; the host is signed as the browser sends it. Source: AWS General Reference, "Create a signed AWS API
//! request".

use aws_sigv4::sign::v4;
use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::canonical::{ALGORITHM, CanonicalRequest, canonical_request, string_to_sign};
use super::credentials::{Credentials, SecretAccessKey};
use crate::gateway::{encode, folded, wire_url};
use crate::http::HttpRequest;
use crate::time::Timestamp;

const AUTHORIZATION: &str = "authorization";
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

/// Adds `authorization`, `x-amz-date` and `x-amz-security-token` to a request, in place of those that it has. `now` is the time
/// in the signature; AWS accepts five minutes of difference. All headers that the request has so far are signed, but those that
/// proxies change. The signed request is in the form in which browsers send it: [`wire_url`], [`wire_headers`].
///
/// [`wire_headers`]: crate::gateway::wire_headers
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
        mut request: HttpRequest,
        credentials: &Credentials,
        scope: Scope<'_>,
        now: Timestamp,
        form: SignatureForm,
    ) -> Result<HttpRequest, SigningError> {
        request
            .headers
            .retain(|(name, _)| ![AUTHORIZATION, DATE, TOKEN].contains(&name.as_str()));
        let scope = DatedScope::new(scope, now);
        match form {
            SignatureForm::Headers => self.sign_headers(request, credentials, &scope),
            SignatureForm::Query(valid) => self.sign_query(request, credentials, &scope, valid),
        }
    }

    fn sign_headers(
        &self,
        request: HttpRequest,
        credentials: &Credentials,
        scope: &DatedScope<'_>,
    ) -> Result<HttpRequest, SigningError> {
        let mut request = request.header(DATE, scope.date.as_str());
        if let Some(token) = &credentials.session_token {
            request = request.header(TOKEN, token.secret());
        }
        let (request, canonical) = canonical(request)?;
        let signature = self.signature(credentials, scope, &canonical);
        let authorization = [
            ALGORITHM,
            " Credential=",
            &credentials.access_key_id,
            "/",
            &scope.text,
            ", SignedHeaders=",
            &canonical.signed_headers,
            ", Signature=",
            &signature,
        ];
        Ok(request.header(AUTHORIZATION, authorization.concat()))
    }

    /// The parameters are in the order in which botocore writes them.
    fn sign_query(
        &self,
        request: HttpRequest,
        credentials: &Credentials,
        scope: &DatedScope<'_>,
        valid: Duration,
    ) -> Result<HttpRequest, SigningError> {
        if !(1..=7 * 86_400).contains(&valid.as_secs()) {
            return Err(SigningError::Invalid);
        }
        let (mut request, CanonicalRequest { signed_headers, .. }) = canonical(request)?;
        let credential = [&credentials.access_key_id, "/", &scope.text].concat();
        append(&mut request.url, "X-Amz-Algorithm", ALGORITHM);
        append(&mut request.url, "X-Amz-Credential", &credential);
        append(&mut request.url, "X-Amz-Date", &scope.date);
        append(
            &mut request.url,
            "X-Amz-Expires",
            &valid.as_secs().to_string(),
        );
        append(&mut request.url, "X-Amz-SignedHeaders", &signed_headers);
        if let Some(token) = &credentials.session_token {
            append(&mut request.url, "X-Amz-Security-Token", token.secret());
        }
        let (mut request, canonical) = canonical(request)?;
        let signature = self.signature(credentials, scope, &canonical);
        append(&mut request.url, "X-Amz-Signature", &signature);
        Ok(request)
    }

    fn signature(
        &self,
        credentials: &Credentials,
        scope: &DatedScope<'_>,
        canonical: &CanonicalRequest,
    ) -> String {
        let to_sign = string_to_sign(&scope.date, &scope.text, &canonical.text);
        let DatedScope { scope, now, .. } = scope;
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

/// A scope at a time.
struct DatedScope<'a> {
    scope: Scope<'a>,
    now: Timestamp,
    /// The time as `x-amz-date` has it.
    date: String,
    /// The scope as signatures have it.
    text: String,
}

impl<'a> DatedScope<'a> {
    fn new(scope: Scope<'a>, now: Timestamp) -> Self {
        let date = now.to_iso8601_basic();
        let day = &date[..8];
        let text = [day, "/", scope.region, "/", scope.service, "/aws4_request"].concat();
        Self {
            scope,
            now,
            date,
            text,
        }
    }
}

/// The request in the form in which browsers send it, and its canonical request.
fn canonical(mut request: HttpRequest) -> Result<(HttpRequest, CanonicalRequest), SigningError> {
    if let Some(canonical) = canonical_request(&request) {
        return Ok((request, canonical));
    }
    request.url = wire_url(&request.url).map_err(|_| SigningError::Invalid)?;
    request.headers = folded(&request.headers);
    let canonical = canonical_request(&request).ok_or(SigningError::Invalid)?;
    Ok((request, canonical))
}

/// Appends a parameter to the query of an address.
fn append(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(name);
    url.push('=');
    encode(url, value.as_bytes(), b"");
}
