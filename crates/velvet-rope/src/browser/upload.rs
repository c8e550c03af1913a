//! Uploads that report how far they are, on `XMLHttpRequest`: `fetch` cannot tell.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use super::clock::monotonic_milliseconds;
use super::fetch::since;
use super::{body, js};
use crate::http::{HttpRequest, HttpResponse, TransportError, UploadProgress, host_of};

/// A request that is aborted when its future is dropped.
struct Abort(XmlHttpRequest);

impl Drop for Abort {
    fn drop(&mut self) {
        let _ = self.0.abort();
    }
}

/// Sends the request; calls `progress` while its body is sent.
pub(super) async fn send(
    request: HttpRequest,
    progress: Rc<dyn Fn(UploadProgress)>,
) -> Result<HttpResponse, TransportError> {
    let host = host_of(&request.url).to_owned();
    let online = super::page::is_online();
    let timed_out = Rc::new(Cell::new(false));
    let (over, end) = js::deferred();
    let blob = body::blob(&request.body).await;
    let started = monotonic_milliseconds();
    let sent = || {
        let exchange = XmlHttpRequest::new().ok()?;
        exchange.open(request.method.as_str(), &request.url).ok()?;
        for (name, value) in &request.headers {
            exchange.set_request_header(name, value).ok()?;
        }
        exchange.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        exchange.set_timeout(u32::try_from(request.timeout.as_millis()).unwrap_or(u32::MAX));
        let report = js::listener(move |event| {
            if let Ok(event) = event.dyn_into::<ProgressEvent>() {
                progress(UploadProgress {
                    sent: whole(event.loaded()),
                    total: whole(event.total()),
                });
            }
        });
        exchange.upload().ok()?.set_onprogress(Some(&report));
        let late = Rc::clone(&timed_out);
        exchange.set_ontimeout(Some(&js::listener(move |_| late.set(true))));
        exchange.set_onloadend(Some(&js::listener(move |_| js::settle(&end))));
        match &blob {
            Some(blob) => exchange.send_with_opt_blob(Some(blob)),
            None => exchange.send_with_opt_u8_array(Some(&request.body)),
        }
        .ok()?;
        Some(Abort(exchange))
    };
    let Some(exchange) = sent() else {
        return Err(TransportError::Refused { host });
    };
    let _ = JsFuture::from(over).await;
    let exchange = &exchange.0;
    let status = exchange.status().unwrap_or_default();
    if status == 0 {
        let after = request.timeout;
        return Err(match (timed_out.get(), online) {
            (true, _) => TransportError::TimedOut { host, after },
            (false, true) => TransportError::Unreachable { host },
            (false, false) => TransportError::Offline,
        });
    }
    let body = exchange
        .response()
        .map(|body| Uint8Array::new(&body).to_vec());
    let mut response = HttpResponse::new(status, headers(exchange), body.unwrap_or_default());
    response.elapsed = since(started);
    response.headers_after = response.elapsed;
    Ok(response)
}

fn headers(exchange: &XmlHttpRequest) -> Vec<(String, String)> {
    let text = exchange.get_all_response_headers().unwrap_or_default();
    let lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    lines
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of bytes"
)]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}
