//! Why a request has no readable answer. A browser does not say (Fetch Standard, "network error"); requests that differ in
//! one header each do.

use velvet_rope::browser::device_now;
use velvet_rope::browser::fetch::{FetchTransport, is_reachable};
use velvet_rope::{HttpRequest, HttpResponse, Method, Timestamp, Transport as _, TransportError};
use velvet_rope_doctor::{Preflight, Surroundings};

/// In place of the values of headers: no gateway accepts it, so that no request reaches the API.
const NOTHING: &str = "velvet-rope-doctor-no-value";

/// This page.
pub(super) struct ThisPage {
    pub(super) origin: String,
}

impl Surroundings for ThisPage {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn now(&self) -> Timestamp {
        device_now()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        FetchTransport.send(request).await
    }

    async fn preflight(&self, request: HttpRequest) -> Preflight {
        let sent = FetchTransport.send(request.clone()).await;
        match sent {
            Ok(_) => Preflight::Allowed,
            Err(error) if !is_reachable(&request.url).await => {
                Preflight::Unreachable(error.to_string())
            }
            Err(_) => Preflight::Refused(refused_headers(&request).await),
        }
    }
}

/// The headers that the host does not allow, each as `header x-own`; empty if it is none of them alone.
async fn refused_headers(request: &HttpRequest) -> Vec<String> {
    let bare = HttpRequest::new(request.method, request.url.as_str());
    if is_harmless(request.method) && FetchTransport.send(bare.clone()).await.is_err() {
        return vec!["this origin, or the route".to_owned()];
    }
    let mut refused = Vec::new();
    for (name, _) in &request.headers {
        let value = if name == "content-type" {
            "application/json"
        } else {
            NOTHING
        };
        if FetchTransport
            .send(bare.clone().header(name, value))
            .await
            .is_err()
        {
            refused.push(["header ", name].concat());
        }
    }
    refused
}

fn is_harmless(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Options)
}

/// Why a request that was sent has no readable answer, and what to change.
pub(crate) async fn why_unreadable(request: &HttpRequest, origin: &str) -> String {
    let host = request.url.split('/').nth(2).unwrap_or_default();
    if !is_reachable(&request.url).await {
        return format!(
            "{host} does not answer. The address is wrong, the network or a certificate fails, or the \
             Content-Security-Policy does not allow the host: compare api.base_url in config.json and connect-src."
        );
    }
    let method = request.method.as_str();
    if !is_harmless(request.method) {
        return format!(
            "{host} answers, but a page of {origin} may not read it. A {method} is not repeated to find out more. The route needs \
             an OPTIONS method that allows {method}, this origin and the headers of the tab “Request”."
        );
    }
    let refused = refused_headers(request).await;
    match refused.first().map(String::as_str) {
        None => format!(
            "{host} answers, and allows each header alone. Gateway responses DEFAULT_4XX and DEFAULT_5XX probably lack \
             Access-Control-Allow-Origin, so that a refusal cannot be read."
        ),
        Some("this origin, or the route") => format!(
            "{host} answers, but without Access-Control-Allow-Origin for {origin}. Add it to the route, and to the gateway responses \
             DEFAULT_4XX and DEFAULT_5XX; a path that the API does not have looks the same."
        ),
        Some(_) => format!(
            "{host} answers, but its preflight does not allow {}. Add that to Access-Control-Allow-Headers of the OPTIONS method.",
            refused.join(", ")
        ),
    }
}
