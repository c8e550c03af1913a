//! The port [`Transport`] on the browser's `fetch`.

use std::time::Duration;

use gloo_net::Error;
use gloo_net::http::{Headers, Request, RequestBuilder};
use web_sys::{AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials};

use super::clock::monotonic_milliseconds;
use crate::http::{HttpRequest, HttpResponse, Method, Transport, TransportError, host_of};

/// Sends requests with the browser's `fetch`: without cookies, without a referrer, past the cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let host = host_of(&request.url).to_owned();
        let timeout = request.timeout;
        let Some(built) = build(request) else {
            return Err(TransportError::Refused { host });
        };
        exchange(built, host, timeout).await
    }
}

/// The browser's own form of a request, or `None` when it takes the address or a header for invalid.
fn build(request: HttpRequest) -> Option<Request> {
    // The headers of `gloo_net` would panic on a value that the browser does not take.
    let headers = web_sys::Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    let builder = RequestBuilder::new(&request.url)
        .method(gloo_method(request.method))
        .headers(Headers::from_raw(headers))
        .abort_signal(Some(&abort_after(request.timeout)))
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer);
    let built = if request.body.is_empty() {
        builder.build()
    } else {
        builder.body(request.body)
    };
    built.ok()
}

/// A file of this site, as the page itself would load it, so that a preload in `index.html` is used.
///
/// # Errors
/// When no answer came.
pub async fn site_file(path: &str) -> Result<HttpResponse, TransportError> {
    let timeout = crate::http::DEFAULT_TIMEOUT;
    let host = super::page::origin();
    let built = Request::get(path)
        .abort_signal(Some(&abort_after(timeout)))
        .build();
    let Ok(built) = built else {
        return Err(TransportError::Refused { host });
    };
    exchange(built, host, timeout).await
}

fn abort_after(timeout: Duration) -> AbortSignal {
    AbortSignal::timeout_with_u32(u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX))
}

async fn exchange(
    request: Request,
    host: String,
    timeout: Duration,
) -> Result<HttpResponse, TransportError> {
    let started = monotonic_milliseconds();
    // Asked before sending: a network that goes away later may have taken the request along. Nor does being
    // offline keep anything back, because this machine answers all the same.
    let online = super::page::is_online();
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if !online && !is_timeout(&error) => return Err(TransportError::Offline),
        Err(error) => return Err(lost(&error, host, timeout)),
    };
    let status = response.status();
    let headers = response
        .headers()
        .entries()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let body = match response.text().await {
        Ok(body) => body,
        Err(error) => return Err(lost(&error, host, timeout)),
    };
    let elapsed = Duration::try_from_secs_f64((monotonic_milliseconds() - started) / 1_000.0)
        .unwrap_or_default();
    Ok(HttpResponse {
        status,
        headers,
        body,
        elapsed,
    })
}

fn is_timeout(error: &Error) -> bool {
    matches!(error, Error::JsError(error) if matches!(error.name.as_str(), "TimeoutError" | "AbortError"))
}

/// Why there is no answer to a request that may have reached its server.
fn lost(error: &Error, host: String, after: Duration) -> TransportError {
    if is_timeout(error) {
        TransportError::TimedOut { host, after }
    } else {
        TransportError::Unreachable { host }
    }
}

fn gloo_method(method: Method) -> gloo_net::http::Method {
    use gloo_net::http::Method as Gloo;
    match method {
        Method::Get => Gloo::GET,
        Method::Head => Gloo::HEAD,
        Method::Post => Gloo::POST,
        Method::Put => Gloo::PUT,
        Method::Patch => Gloo::PATCH,
        Method::Delete => Gloo::DELETE,
        Method::Options => Gloo::OPTIONS,
    }
}
