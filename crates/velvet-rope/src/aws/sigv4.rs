//! Signature Version 4 for API Gateway: calls the crate `aws-sigv4` with the settings that `execute-api` needs.
//!
//! The path is encoded twice in the canonical request, as every service but S3 requires; the session token is among the
//! signed headers; the host is signed as the browser sends it. Source: AWS General Reference, "Create a signed AWS API
//! request".

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;
use std::time::Duration;

use thiserror::Error;

use super::credentials::Credentials;
use crate::http::{HttpRequest, host_of, normalize_url};
use crate::time::Timestamp;

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
