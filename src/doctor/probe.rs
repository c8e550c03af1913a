//! Why a request has no readable answer. A browser does not say (Fetch Standard, "network error"); requests that differ in
//! one header each do.

use velvet_rope::browser::device_now;
use velvet_rope::browser::fetch::{FetchTransport, is_reachable};
use velvet_rope::{HttpRequest, HttpResponse, Method, Timestamp, Transport as _, TransportError};
use velvet_rope_doctor::{Missing, NO_VALUE, Preflight, Surroundings};

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
        let names = request.headers.iter().map(|(name, _)| name.as_str());
        probe(request.method, &request.url, names, &self.origin).await
    }
}

/// Whether a page of `origin` may send a request with headers of these names, and what is missing if not.
pub(crate) async fn probe<'a>(
    method: Method,
    url: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    origin: &str,
) -> Preflight {
    let unreachable = |host: &str| Preflight::Unreachable([host, " does not answer"].concat());
    let host = url.split('/').nth(2).unwrap_or_default();
    if !matches!(method, Method::Get | Method::Head | Method::Options) {
        let is_there = is_reachable(url).await;
        return if is_there {
            Preflight::NotSent
        } else {
            unreachable(host)
        };
    }
    let bare = HttpRequest::new(method, url);
    let with = |request: HttpRequest, name: &str| match name {
        "content-type" => request.header(name, "application/json"),
        _ => request.header(name, NO_VALUE),
    };
    if FetchTransport
        .send(names.clone().fold(bare.clone(), with))
        .await
        .is_ok()
    {
        return Preflight::Allowed;
    }
    if !is_reachable(url).await {
        return unreachable(host);
    }
    if FetchTransport.send(bare.clone()).await.is_err() {
        return Preflight::Refused(vec![Missing::Origin(origin.to_owned())]);
    }
    let mut missing = Vec::new();
    for name in names {
        if FetchTransport.send(with(bare.clone(), name)).await.is_err() {
            missing.push(Missing::Header(name.to_owned()));
        }
    }
    Preflight::Refused(missing)
}
