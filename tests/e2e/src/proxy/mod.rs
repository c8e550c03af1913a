//! A proxy in front of MiniStack: it passes on what it gets, byte by byte and with the original `Host`,
//! so that signatures still verify; it remembers what was sent; and where a test says so, it misbehaves in
//! ways that MiniStack does not, or answers what AWS answers and MiniStack does not.

mod fault;

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use fault::Rule;
pub use fault::{Answer, Fault, RequestMatcher};

use crate::http::Client;
use crate::site::lock;

/// The members of JSON answers that no log may show.
const SECRET_MEMBERS: [&str; 5] = [
    "id_token",
    "access_token",
    "refresh_token",
    "SecretKey",
    "SessionToken",
];

/// A request that went through the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its `x-amz-target`, with which AWS names operations that share a path.
    pub target: Option<String>,
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {} {}",
            self.method,
            self.path,
            self.target.as_deref().unwrap_or_default()
        )
    }
}

/// The running stand-in. It stops with the runtime of the test.
#[derive(Clone, Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: String,
    client: Client,
    requests: Mutex<Vec<RecordedRequest>>,
    rules: Mutex<Vec<Rule>>,
    secrets: Mutex<Vec<String>>,
    /// Tells the requests that are held that they may go on.
    faults_cleared: watch::Sender<()>,
}

impl Proxy {
    /// Starts a proxy for the MiniStack at `cloud_url`, on a free port.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(target: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port for the proxy")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            client: Client::default(),
            requests: Mutex::default(),
            rules: Mutex::default(),
            secrets: Mutex::default(),
            faults_cleared: watch::Sender::default(),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Misbehaves for every request that matches, until [`Proxy::clear_faults`].
    pub fn inject(&self, matches: RequestMatcher, fault: Fault) {
        lock(&self.shared.rules).push(Rule {
            matches,
            fault,
            remaining: None,
        });
    }

    /// Misbehaves for the next `times` requests that match.
    pub fn inject_times(&self, times: usize, matches: RequestMatcher, fault: Fault) {
        lock(&self.shared.rules).push(Rule {
            matches,
            fault,
            remaining: Some(times),
        });
    }

    /// Passes everything on again, and what was held too.
    pub fn clear_faults(&self) {
        lock(&self.shared.rules).clear();
        self.shared.faults_cleared.send_replace(());
    }

    /// How many requests matched so far. Preflights do not count.
    #[must_use]
    pub fn count(&self, matches: RequestMatcher) -> usize {
        self.requests()
            .iter()
            .filter(|seen| seen.method != Method::OPTIONS && matches.matches(seen))
            .count()
    }

    /// Everything that came so far, preflights too.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Forgets what came so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.requests).clear();
    }

    /// Tokens and secret keys in the responses so far.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        lock(&self.shared.secrets).clone()
    }
}

/// What closes a connection without an answer: the server hangs up on the error of a service.
#[derive(Debug)]
struct ConnectionDropped;

impl fmt::Display for ConnectionDropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is to be dropped")
    }
}

impl std::error::Error for ConnectionDropped {}

async fn accept(listener: TcpListener, shared: Arc<Shared>) -> Result<Infallible> {
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { shared.answer(request).await }
        });
        tokio::spawn(async move {
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
}

impl Shared {
    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, ConnectionDropped> {
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let seen = RecordedRequest {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            target: target.map(str::to_owned),
        };
        // Before the fault is looked up, so that a `clear_faults` in between is not missed.
        let mut faults_cleared = self.faults_cleared.subscribe();
        let fault = self.fault_for(&seen);
        lock(&self.requests).push(seen);
        let response = match fault {
            Some(Fault::Answer(answer)) => {
                return answer.into_response().map_err(|_| ConnectionDropped);
            }
            Some(Fault::Drop) => return Err(ConnectionDropped),
            Some(Fault::Hang) => return std::future::pending().await,
            Some(Fault::Hold) => {
                faults_cleared
                    .changed()
                    .await
                    .map_err(|_| ConnectionDropped)?;
                self.forward(request).await.map_err(|_| ConnectionDropped)?
            }
            Some(Fault::WithoutCors) => {
                let mut response = self.forward(request).await.map_err(|_| ConnectionDropped)?;
                response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
                response
            }
            Some(Fault::EditJson(edit)) => {
                let response = self.forward(request).await.map_err(|_| ConnectionDropped)?;
                edited(response, edit).map_err(|_| ConnectionDropped)?
            }
            None => self.forward(request).await.map_err(|_| ConnectionDropped)?,
        };
        Ok(response.map(Full::new))
    }

    fn fault_for(&self, seen: &RecordedRequest) -> Option<Fault> {
        let mut rules = lock(&self.rules);
        // The rule that was set last wins, so that a test can change its mind.
        rules.iter_mut().rev().find_map(|rule| rule.take(seen))
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.target).parse::<Uri>()?;
        remove_hop_by_hop(&mut parts.headers);
        let body = Full::new(body.collect().await?.to_bytes());
        let mut response = self.client.send(Request::from_parts(parts, body)).await?;
        remove_hop_by_hop(response.headers_mut());
        self.remember_secrets(&response);
        Ok(response)
    }

    fn remember_secrets(&self, response: &Response<Bytes>) {
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let members = [Some(&body), body.get("Credentials")].into_iter().flatten();
        let values = members.flat_map(|object| SECRET_MEMBERS.map(|member| object.get(member)));
        let values = values
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        lock(&self.secrets).extend(values);
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        headers.remove(name);
    }
}

fn edited(response: Response<Bytes>, edit: fn(&mut Value)) -> Result<Response<Bytes>> {
    let (parts, body) = response.into_parts();
    let mut value = serde_json::from_slice(&body)?;
    edit(&mut value);
    Ok(Response::from_parts(parts, Bytes::from(value.to_string())))
}
