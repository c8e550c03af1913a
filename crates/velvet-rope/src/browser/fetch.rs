//! The port [`Transport`] on the browser's `fetch`.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::unfold;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, Request, RequestCache,
    RequestCredentials, RequestInit, Response,
};

use super::clock::{monotonic_milliseconds, pause};
use super::upload;
use crate::http::{
    HttpRequest, HttpResponse, StreamedResponse, Transport, TransportError, UploadProgress, host_of,
};

/// Sends requests with the browser's `fetch`: without cookies, without a referrer, past the cache. A request whose future
/// is dropped is aborted.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        exchange(Exchange::new(&request)?).await
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        let exchange = Exchange::new(&request)?;
        let response = exchange.in_time(exchange.headers()).await?;
        let headers_after = exchange.elapsed();
        let (status, headers) = (response.status(), headers_of(&response));
        let reader = response.body().map(|body| body.get_reader());
        let body = reader.map(|reader| {
            let reader: ReadableStreamDefaultReader = reader.unchecked_into();
            unfold((reader, exchange), |(reader, exchange)| async move {
                let piece = read(&reader).await.transpose()?;
                let piece = piece.map_err(|error| exchange.lost(&error));
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
    exchange(Exchange::start(path, &RequestInit::new(), host, timeout)?).await
}

async fn exchange(exchange: Exchange) -> Result<HttpResponse, TransportError> {
    let answer = async {
        let response = exchange.headers().await?;
        let headers_after = exchange.elapsed();
        let body = async { JsFuture::from(response.array_buffer()?).await };
        let body = body.await.map_err(|error| exchange.lost(&error))?;
        Ok((response, headers_after, Uint8Array::new(&body).to_vec()))
    };
    let (response, headers_after, body) = exchange.in_time(answer).await?;
    Ok(HttpResponse {
        status: response.status(),
        headers: headers_of(&response),
        body: body.into(),
        elapsed: exchange.elapsed(),
        headers_after,
    })
}

/// A request on its way. It is aborted when this is dropped; after the answer was read that does nothing.
struct Exchange {
    request: Request,
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

impl Exchange {
    fn new(request: &HttpRequest) -> Result<Self, TransportError> {
        let init = RequestInit::new();
        init.set_method(request.method.as_str());
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        if !request.body.is_empty() {
            init.set_body(&Uint8Array::from(&request.body[..]));
        }
        let host = host_of(&request.url).to_owned();
        let headers = headers(request);
        let refused = || TransportError::Refused { host: host.clone() };
        init.set_headers(&headers.ok_or_else(refused)?.into());
        Self::start(&request.url, &init, host, request.timeout)
    }

    fn start(
        url: &str,
        init: &RequestInit,
        host: String,
        timeout: Duration,
    ) -> Result<Self, TransportError> {
        let built = || {
            let abort = AbortController::new().ok()?;
            init.set_signal(Some(&abort.signal()));
            Some((Request::new_with_str_and_init(url, init).ok()?, abort))
        };
        let Some((request, abort)) = built() else {
            return Err(TransportError::Refused { host });
        };
        Ok(Self {
            request,
            abort,
            host,
            timeout,
            started: monotonic_milliseconds(),
            online: super::page::is_online(),
        })
    }

    /// Sends the request; ends with the headers of the answer.
    async fn headers(&self) -> Result<Response, TransportError> {
        let answer = async {
            let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
            let answer = JsFuture::from(window.fetch_with_request(&self.request)).await?;
            answer.dyn_into::<Response>()
        };
        answer.await.map_err(|error| {
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
    fn lost(&self, error: &JsValue) -> TransportError {
        if is_timeout(error) {
            return self.timed_out();
        }
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

/// The browser's own form of the headers, or `None` when it considers one invalid.
fn headers(request: &HttpRequest) -> Option<web_sys::Headers> {
    let headers = web_sys::Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    Some(headers)
}

fn headers_of(response: &Response) -> Vec<(String, String)> {
    let entries = response.headers().entries().into_iter().flatten();
    entries
        .filter_map(|entry| {
            let pair: Array = entry.unchecked_into();
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

fn is_timeout(error: &JsValue) -> bool {
    let name = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::name);
    name.is_some_and(|name| name == "TimeoutError" || name == "AbortError")
}
