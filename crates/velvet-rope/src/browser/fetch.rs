//! The port [`Transport`] on the browser's `fetch`, by way of `gloo-net`.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::unfold;
use gloo_net::Error;
use gloo_net::http::{Headers, Request, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestMode,
};

use super::clock::{monotonic_milliseconds, pause};
use super::{body, upload};
use crate::http::{
    HttpRequest, HttpResponse, Method, StreamedResponse, Transport, TransportError, UploadProgress,
    host_of,
};

/// Sends requests with the browser's `fetch`: without cookies, without a referrer, past the cache. A request whose future
/// is dropped is aborted.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (exchange, request) = Exchange::new(&request).await?;
        exchange.whole(request).await
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        let (exchange, request) = Exchange::new(&request).await?;
        let response = exchange.in_time(exchange.headers(request)).await?;
        let headers_after = exchange.elapsed();
        let (status, headers) = (response.status(), headers_of(&response));
        let reader = response.body().map(|body| body.get_reader());
        let body = reader.map(|reader| {
            let reader: ReadableStreamDefaultReader = reader.unchecked_into();
            unfold((reader, exchange), |(reader, exchange)| async move {
                let piece = read(&reader).await.transpose()?;
                let piece = piece.map_err(|_| exchange.unreachable());
                Some((piece, (reader, exchange)))
            })
            .boxed_local()
        });
        Ok(StreamedResponse {
            status,
            headers,
            headers_after,
            body: body.unwrap_or_else(|| futures::stream::empty().boxed_local()),
        })
    }

    async fn send_reporting(
        &self,
        request: HttpRequest,
        progress: Rc<dyn Fn(UploadProgress)>,
    ) -> Result<HttpResponse, TransportError> {
        upload::send(request, progress).await
    }
}

/// The next piece of a body; `None` at its end.
async fn read(reader: &ReadableStreamDefaultReader) -> Result<Option<Vec<u8>>, JsValue> {
    let read = JsFuture::from(reader.read()).await?;
    let piece = Reflect::get(&read, &"value".into())?;
    Ok(piece
        .dyn_into::<Uint8Array>()
        .ok()
        .map(|piece| piece.to_vec()))
}

/// A file of this site, as the page itself would load it, so that a preload in `index.html` is used.
///
/// # Errors
/// When no answer came.
pub async fn site_file(path: &str) -> Result<HttpResponse, TransportError> {
    let host = super::page::origin();
    let timeout = crate::http::DEFAULT_TIMEOUT;
    let (exchange, request) =
        Exchange::start(Some(RequestBuilder::new(path)), None, host, timeout)?;
    exchange.whole(request).await
}

/// Whether a host answers at all, also where no answer can be read because of CORS. Sends a GET without headers and
/// credentials.
pub async fn is_reachable(url: &str) -> bool {
    let builder = RequestBuilder::new(url)
        .mode(RequestMode::NoCors)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer);
    let timeout = crate::http::DEFAULT_TIMEOUT;
    match Exchange::start(Some(builder), None, host_of(url).to_owned(), timeout) {
        Ok((exchange, request)) => exchange.whole(request).await.is_ok(),
        Err(_) => false,
    }
}

/// A request on its way. It is aborted when this is dropped; after the answer was read that does nothing.
struct Exchange {
    abort: AbortController,
    host: String,
    timeout: Duration,
    started: f64,
    /// Asked before sending: a network that goes away later may have taken the request along. Nor does being offline keep
    /// anything back, because this machine answers all the same.
    online: bool,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// With `no-store`, Chromium also sends a preflight for each request again. An answer to a request that writes is not stored
/// anyway (RFC 9111, section 3), so that its preflight may be remembered.
fn cache_mode(method: Method) -> RequestCache {
    match method {
        Method::Get | Method::Head => RequestCache::NoStore,
        Method::Post | Method::Put | Method::Patch | Method::Delete | Method::Options => {
            RequestCache::Default
        }
    }
}

impl Exchange {
    async fn new(request: &HttpRequest) -> Result<(Self, Request), TransportError> {
        let host = host_of(&request.url).to_owned();
        let builder = headers(request).map(|headers| {
            RequestBuilder::new(&request.url)
                .method(gloo_method(request.method))
                .headers(headers)
                .cache(cache_mode(request.method))
                .credentials(RequestCredentials::Omit)
                .referrer_policy(ReferrerPolicy::NoReferrer)
        });
        let body = match body::blob(&request.body).await {
            Some(blob) => Some(blob.into()),
            None if request.body.is_empty() => None,
            None => Some(Uint8Array::from(&*request.body).into()),
        };
        Self::start(builder, body, host, request.timeout)
    }

    /// `None` as `builder` is a request that the browser refuses to build.
    fn start(
        builder: Option<RequestBuilder>,
        body: Option<JsValue>,
        host: String,
        timeout: Duration,
    ) -> Result<(Self, Request), TransportError> {
        let built = || {
            let abort = AbortController::new().ok()?;
            let builder = builder?.abort_signal(Some(&abort.signal()));
            let request = match body {
                Some(body) => builder.body(body),
                None => builder.build(),
            };
            Some((request.ok()?, abort))
        };
        let Some((request, abort)) = built() else {
            return Err(TransportError::Refused { host });
        };
        let exchange = Self {
            abort,
            host,
            timeout,
            started: monotonic_milliseconds(),
            online: super::page::is_online(),
        };
        Ok((exchange, request))
    }

    /// Sends the request and reads the whole answer.
    async fn whole(self, request: Request) -> Result<HttpResponse, TransportError> {
        let answer = async {
            let response = self.headers(request).await?;
            let headers_after = self.elapsed();
            let body = response.binary().await;
            Ok((
                response,
                headers_after,
                body.map_err(|error| self.lost(&error))?,
            ))
        };
        let (response, headers_after, body) = self.in_time(answer).await?;
        Ok(HttpResponse {
            status: response.status(),
            headers: headers_of(&response),
            body: body.into(),
            elapsed: self.elapsed(),
            headers_after,
        })
    }

    /// Sends the request; ends with the headers of the answer.
    async fn headers(&self, request: Request) -> Result<Response, TransportError> {
        request.send().await.map_err(|error| {
            if !self.online && !is_timeout(&error) {
                TransportError::Offline
            } else {
                self.lost(&error)
            }
        })
    }

    /// What `answer` ends with, unless the time of the request is over before. `AbortSignal.timeout` would do the same, but
    /// Safari has it only from version 16.
    async fn in_time<R>(
        &self,
        answer: impl Future<Output = Result<R, TransportError>>,
    ) -> Result<R, TransportError> {
        match select(pin!(answer), pin!(pause(self.timeout))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> TransportError {
        TransportError::TimedOut {
            host: self.host.clone(),
            after: self.timeout,
        }
    }

    /// Why there is no answer to a request that may have reached its server.
    fn lost(&self, error: &Error) -> TransportError {
        if is_timeout(error) {
            self.timed_out()
        } else {
            self.unreachable()
        }
    }

    fn unreachable(&self) -> TransportError {
        let host = self.host.clone();
        TransportError::Unreachable { host }
    }

    fn elapsed(&self) -> Duration {
        since(self.started)
    }
}

/// The time since a point of the monotonic clock, in milliseconds.
pub(super) fn since(started: f64) -> Duration {
    let elapsed = Duration::try_from_secs_f64((monotonic_milliseconds() - started) / 1_000.0);
    elapsed.unwrap_or_default()
}

/// The browser's own form of the headers, or `None` when it considers one invalid: the headers of `gloo_net` would panic.
fn headers(request: &HttpRequest) -> Option<Headers> {
    let headers = web_sys::Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    Some(Headers::from_raw(headers))
}

fn headers_of(response: &Response) -> Vec<(String, String)> {
    let headers = response.headers().entries();
    headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect()
}

fn is_timeout(error: &Error) -> bool {
    matches!(error, Error::JsError(error) if matches!(error.name.as_str(), "TimeoutError" | "AbortError"))
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
