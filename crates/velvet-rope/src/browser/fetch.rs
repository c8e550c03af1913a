//! The port [`Transport`] on the browser's `fetch`.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use gloo_net::Error;
use gloo_net::http::{Headers, Request, RequestBuilder, Response};
use web_sys::{AbortController, ReferrerPolicy, RequestCache, RequestCredentials};

use super::clock::{monotonic_milliseconds, pause};
use crate::http::{HttpRequest, HttpResponse, Method, Transport, TransportError, host_of};

/// Sends requests with the browser's `fetch`: without cookies, without a referrer, past the cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let host = host_of(&request.url).to_owned();
        let timeout = request.timeout;
        let abort = AbortController::new().ok();
        let built = abort.as_ref().and_then(|abort| build(request, abort));
        let (Some(built), Some(abort)) = (built, abort) else {
            return Err(TransportError::Refused { host });
        };
        exchange(built, abort, host, timeout).await
    }
}

/// The browser's own form of a request, or `None` when the browser considers the address or a header invalid.
fn build(request: HttpRequest, abort: &AbortController) -> Option<Request> {
    // The headers of `gloo_net` would panic on a value that the browser does not take.
    let headers = web_sys::Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    let builder = RequestBuilder::new(&request.url)
        .method(gloo_method(request.method))
        .headers(Headers::from_raw(headers))
        .abort_signal(Some(&abort.signal()))
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer);
    let built = if request.body.is_empty() {
        builder.build()
    } else {
        builder.body(js_sys::Uint8Array::from(&request.body[..]))
    };
    built.ok()
}

/// A file of this site, as the page itself would load it, so that a preload in `index.html` is used.
///
/// # Errors
/// When no answer came.
pub async fn site_file(path: &str) -> Result<HttpResponse, TransportError> {
    let host = super::page::origin();
    let abort = AbortController::new().ok();
    let built = abort.as_ref().and_then(|abort| {
        let request = Request::get(path).abort_signal(Some(&abort.signal()));
        request.build().ok()
    });
    let (Some(built), Some(abort)) = (built, abort) else {
        return Err(TransportError::Refused { host });
    };
    exchange(built, abort, host, crate::http::DEFAULT_TIMEOUT).await
}

/// Sends a request, and aborts it when `timeout` has passed. `AbortSignal.timeout` would do the same, but Safari has it
/// only from version 16.
async fn exchange(
    request: Request,
    abort: AbortController,
    host: String,
    timeout: Duration,
) -> Result<HttpResponse, TransportError> {
    let _abort = AbortOnDrop(abort);
    let started = monotonic_milliseconds();
    // Asked before sending: a network that goes away later may have taken the request along. Nor does being
    // offline keep anything back, because this machine answers all the same.
    let online = super::page::is_online();
    let answer = pin!(read(request, started));
    let outcome = match select(answer, pin!(pause(timeout))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => {
            return Err(TransportError::TimedOut {
                host,
                after: timeout,
            });
        }
    };
    let (response, headers_after, body) = match outcome {
        Ok(answer) => answer,
        Err(Lost::BeforeAnswer(error)) if !online && !is_timeout(&error) => {
            return Err(TransportError::Offline);
        }
        Err(Lost::BeforeAnswer(error) | Lost::InBody(error)) => {
            return Err(lost(&error, host, timeout));
        }
    };
    let headers = response.headers().entries();
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value));
    Ok(HttpResponse {
        status: response.status(),
        headers: headers.collect(),
        body: body.into(),
        elapsed: since(started),
        headers_after,
    })
}

/// Aborts a request whose future is dropped before its answer was read: it was cancelled, or took too long.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // After the answer was read this does nothing.
        self.0.abort();
    }
}

fn since(started: f64) -> Duration {
    let elapsed = Duration::try_from_secs_f64((monotonic_milliseconds() - started) / 1_000.0);
    elapsed.unwrap_or_default()
}

/// How far a request got before it failed.
enum Lost {
    BeforeAnswer(Error),
    InBody(Error),
}

async fn read(request: Request, started: f64) -> Result<(Response, Duration, Vec<u8>), Lost> {
    let response = request.send().await.map_err(Lost::BeforeAnswer)?;
    let headers_after = since(started);
    let body = response.binary().await.map_err(Lost::InBody)?;
    Ok((response, headers_after, body))
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
