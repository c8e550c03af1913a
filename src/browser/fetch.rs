//! The port [`Transport`] on the browser's `fetch`.

use std::time::Duration;

use gloo_net::Error;
use gloo_net::http::{Request, RequestBuilder, Response};
use web_sys::{AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials};

use super::clock::monotonic_milliseconds;
use crate::http::{HttpRequest, HttpResponse, Method, Transport, TransportError, host_of};

/// Sends requests with the browser's `fetch`: without cookies, without a referrer, past the cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let host = host_of(&request.url).to_owned();
        let milliseconds = u32::try_from(request.timeout.as_millis()).unwrap_or(u32::MAX);
        let builder = RequestBuilder::new(&request.url)
            .method(gloo_method(request.method))
            .abort_signal(Some(&AbortSignal::timeout_with_u32(milliseconds)))
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
            .referrer_policy(ReferrerPolicy::NoReferrer);
        let builder = request
            .headers
            .iter()
            .fold(builder, |builder, (name, value)| {
                builder.header(name, value)
            });
        let built = if request.body.is_empty() {
            builder.build()
        } else {
            builder.body(request.body)
        };
        let Ok(built) = built else {
            return Err(TransportError::Refused { host });
        };
        exchange(built)
            .await
            .map_err(|error| read_error(&error, host, request.timeout))
    }
}

/// A file of this site, as the page itself would load it, so that a preload in `index.html` is used.
///
/// # Errors
/// When no answer came.
pub async fn site_file(path: &str) -> Result<HttpResponse, TransportError> {
    let timeout = crate::http::DEFAULT_TIMEOUT;
    let milliseconds = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    let built = Request::get(path)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(milliseconds)))
        .build();
    let host = super::page::origin();
    let Ok(built) = built else {
        return Err(TransportError::Refused { host });
    };
    exchange(built)
        .await
        .map_err(|error| read_error(&error, host, timeout))
}

async fn exchange(request: Request) -> Result<HttpResponse, Error> {
    let started = monotonic_milliseconds();
    let response: Response = request.send().await?;
    let status = response.status();
    let headers = response
        .headers()
        .entries()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let body = response.text().await?;
    let elapsed = Duration::try_from_secs_f64((monotonic_milliseconds() - started) / 1_000.0)
        .unwrap_or_default();
    Ok(HttpResponse {
        status,
        headers,
        body,
        elapsed,
    })
}

fn read_error(error: &Error, host: String, after: Duration) -> TransportError {
    let timed_out = matches!(error, Error::JsError(error) if matches!(error.name.as_str(), "TimeoutError" | "AbortError"));
    if timed_out {
        TransportError::TimedOut { host, after }
    } else if !super::page::is_online() {
        TransportError::Offline
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
