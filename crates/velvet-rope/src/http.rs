//! The port to the network: requests and answers as plain values, and the one trait that sends them.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, ready};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::{LocalBoxStream, once};
use thiserror::Error;

/// How long a request may take before it counts as failed, unless it says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

/// A request method (RFC 9110, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
}

impl Method {
    /// Every method, in the order in which messages list them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// The method as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// The bytes of a request or an answer. Copies share them.
#[derive(Clone, Default)]
pub struct Body {
    bytes: Arc<Vec<u8>>,
    sha256: Option<[u8; 32]>,
}

impl Body {
    /// Bytes whose SHA-256 digest is known, so that the signer does not compute it again.
    #[must_use]
    pub fn with_sha256(self, digest: [u8; 32]) -> Self {
        Self {
            sha256: Some(digest),
            ..self
        }
    }

    /// The SHA-256 digest of the bytes, if it is known.
    #[must_use]
    pub fn sha256(&self) -> Option<&[u8; 32]> {
        self.sha256.as_ref()
    }

    /// The bytes as text; those that are not UTF-8 are replaced by U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Arc::new(bytes),
            sha256: None,
        }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        text.as_bytes().to_vec().into()
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Body {}

impl PartialEq<&str> for Body {
    fn eq(&self, other: &&str) -> bool {
        **self == *other.as_bytes()
    }
}

impl fmt::Debug for Body {
    /// The length; bodies hold tokens and credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.len())
    }
}

/// A request, complete: nothing is added to it on the way but what the browser itself sends.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute address, percent-encoded exactly as it is to appear on the wire.
    pub url: String,
    /// Header names in lower case, each with its value.
    pub headers: Vec<(String, String)>,
    /// The body; empty means none.
    pub body: Body,
    /// When to give up.
    pub timeout: Duration,
}

impl HttpRequest {
    /// A request without headers or body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Body::default(),
            timeout: DEFAULT_TIMEOUT,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
}

impl fmt::Debug for HttpRequest {
    /// Method, address and header names; values and bodies hold tokens and keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(formatter, "{} {} {names:?}", self.method.as_str(), self.url)
    }
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers that the browser lets the page read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// From sending to the last byte of the body.
    pub elapsed: Duration,
    /// From sending to the headers of the answer: the preflight, the way and the server.
    pub headers_after: Duration,
}

impl HttpResponse {
    /// An answer that took no time.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: impl Into<Body>) -> Self {
        Self {
            status,
            headers,
            body: body.into(),
            elapsed: Duration::ZERO,
            headers_after: Duration::ZERO,
        }
    }

    /// The body as text; bytes that are not UTF-8 are replaced by U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.body.text()
    }

    /// The value of a header, if the page may read it. `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The name of an AWS error in `x-amzn-errortype`, if the page may read it. API Gateway and the AWS services send this
    /// header with their own refusals.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.header("x-amzn-errortype").map(aws_error_name)
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for HttpResponse {
    /// Status and length; bodies hold tokens and credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The browser says that it has no network.
    #[error("the browser is offline")]
    Offline,
    /// The request failed before a readable answer came. Browsers report a refused connection,
    /// a failed name look-up and an answer without CORS headers all alike, on purpose.
    #[error("no readable answer from {host}: a network failure, or an answer without CORS headers")]
    Unreachable {
        /// Host and port of the address that was called.
        host: String,
    },
    /// No answer within the time the request allowed.
    #[error("no answer from {host} within {} s", after.as_secs())]
    TimedOut {
        /// Host and port of the address that was called.
        host: String,
        /// The time allowed.
        after: Duration,
    },
    /// The browser refused to send the request at all.
    #[error("the browser refused the request to {host}: an address or a header it does not accept")]
    Refused {
        /// Host and port of the address that was called.
        host: String,
    },
}

/// The name of an AWS error without the namespace before `#` and the address behind `:` (Smithy, AWS JSON 1.1 protocol,
/// "Operation error serialization").
pub(crate) fn aws_error_name(text: &str) -> &str {
    let name = text.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().trim()
}

/// What is before and behind the first `://`. `split_once` would bring the search for texts of any length into the first load.
pub(crate) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (at, rest) = url.char_indices().find_map(|(at, _)| {
        let rest = url.get(at..)?.strip_prefix("://")?;
        Some((at, rest))
    })?;
    Some((url.get(..at)?, rest))
}

/// The host and port of an address, for messages: paths and queries may hold more than one wants to show.
#[must_use]
pub fn host_of(url: &str) -> &str {
    let rest = split_scheme(url).map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// An address as a browser sends it: scheme and host in lower case, and no port that is the scheme's default (URL
/// Standard, section 4.4). A signature over the address as it was typed would not match.
pub(crate) fn normalize_url(url: &str) -> String {
    let Some((scheme, rest)) = split_scheme(url) else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let default_port = if scheme == "http" { ":80" } else { ":443" };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    [&scheme, "://", authority, path].concat()
}

/// How much of a body was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadProgress {
    /// The bytes that were sent.
    pub sent: u64,
    /// The length of the body in bytes.
    pub total: u64,
}

/// An answer whose body is still on its way.
pub struct StreamedResponse {
    /// The status code.
    pub status: u16,
    /// The headers that the browser lets the page read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// From sending to the headers of the answer.
    pub headers_after: Duration,
    /// The pieces of the body. Dropping it aborts the request.
    pub body: LocalBoxStream<'static, Result<Vec<u8>, TransportError>>,
}

impl fmt::Debug for StreamedResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (streamed)", self.status)
    }
}

/// The one way to the network. A request whose future is dropped is given up.
pub trait Transport {
    /// Sends the request and reads the whole answer.
    fn send(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>>;

    /// Sends the request and returns the answer as soon as its headers are there. Where the network has no streams, the
    /// body is one piece.
    fn open(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<StreamedResponse, TransportError>> {
        async {
            let response = self.send(request).await?;
            let body = response.body.to_vec();
            Ok(StreamedResponse {
                status: response.status,
                headers: response.headers,
                headers_after: response.headers_after,
                body: once(ready(Ok(body))).boxed_local(),
            })
        }
    }

    /// Sends the request as [`Transport::send`] does, and calls `progress` while its body is sent, where the network can
    /// tell.
    fn send_reporting(
        &self,
        request: HttpRequest,
        progress: Rc<dyn Fn(UploadProgress)>,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> {
        let _ = progress;
        self.send(request)
    }
}

#[cfg(test)]
mod tests;
