//! A reverse proxy in front of the local cloud or of the OpenID provider. It forwards requests byte by byte with the
//! original `Host`, so that signatures still verify; it records them; and it injects faults where a test says so.

mod fault;
mod request;

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use fault::Rule;
pub use fault::{Edit, Fault, StubResponse};
pub use request::{RecordedRequest, RequestKind, sent_twice};

use crate::http::Client;
use crate::wait::eventually;

/// Members of JSON responses that no log may show.
const SECRET_MEMBERS: [&str; 5] = [
    "id_token",
    "access_token",
    "refresh_token",
    "SecretKey",
    "SessionToken",
];

type Body = BoxBody<Bytes, ConnectionDropped>;

/// A port on which a proxy will listen. Its address is known before its server is started.
#[derive(Debug)]
pub struct ProxyListener {
    listener: TcpListener,
    port: u16,
}

/// The running proxy. It stops with the runtime of the test.
#[derive(Clone, Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    client: Client,
    /// With a number each, in order of arrival.
    requests: Mutex<Vec<(u64, RecordedRequest)>>,
    next_number: AtomicU64,
    rules: Mutex<Vec<Rule>>,
    secrets: Mutex<Vec<String>>,
    hasher: RandomState,
    /// Releases the requests that are held.
    faults_cleared: watch::Sender<()>,
}

impl ProxyListener {
    /// Listens on `port`, or on a free one.
    ///
    /// # Errors
    /// When the port is taken, or none is free.
    pub async fn bind(port: Option<u16>) -> Result<Self> {
        let listener = match port {
            // A test that used this port before may still be closing it.
            Some(port) => listen(port).await?,
            None => TcpListener::bind(("127.0.0.1", 0)).await?,
        };
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts to forward requests to `server`, such as `http://localhost:4566`.
    #[must_use]
    pub fn forward_to(self, server: &str) -> Proxy {
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            client: Client::default(),
            requests: Mutex::default(),
            next_number: AtomicU64::default(),
            rules: Mutex::default(),
            secrets: Mutex::default(),
            hasher: RandomState::new(),
            faults_cleared: watch::Sender::default(),
        });
        tokio::spawn(accept(self.listener, Arc::clone(&shared)));
        Proxy {
            port: self.port,
            shared,
        }
    }
}

/// Listens on `port`, which a server of an earlier test may still be closing.
///
/// # Errors
/// When the port stays taken.
pub(crate) async fn listen(port: u16) -> Result<TcpListener> {
    eventually(&format!("port {port} to be free"), async || {
        Ok(TcpListener::bind(("127.0.0.1", port)).await.map(Some)?)
    })
    .await
}

impl Proxy {
    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Injects a fault into every request of this kind, until [`Proxy::clear_faults`].
    pub fn inject(&self, kind: RequestKind, fault: Fault) {
        self.add_rule(kind, fault, None);
    }

    /// Injects a fault into the next `times` requests of this kind.
    pub fn inject_times(&self, times: usize, kind: RequestKind, fault: Fault) {
        self.add_rule(kind, fault, Some(times));
    }

    fn add_rule(&self, kind: RequestKind, fault: Fault, remaining: Option<usize>) {
        lock(&self.shared.rules).push(Rule {
            kind,
            fault,
            remaining,
        });
    }

    /// Forwards every request again, including those that are held.
    pub fn clear_faults(&self) {
        lock(&self.shared.rules).clear();
        self.shared.faults_cleared.send_replace(());
    }

    /// All requests so far, in order, with preflights.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        let requests = lock(&self.shared.requests);
        requests
            .iter()
            .map(|(_, request)| request.clone())
            .collect()
    }

    /// The requests of this kind so far, in order.
    #[must_use]
    pub fn requests_of(&self, kind: RequestKind) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| kind.matches(request));
        requests
    }

    /// The number of requests of this kind so far.
    #[must_use]
    pub fn count(&self, kind: RequestKind) -> usize {
        self.requests_of(kind).len()
    }

    /// Waits for that many requests of this kind, with or without a result, and returns them.
    ///
    /// # Errors
    /// When they do not arrive in time.
    pub async fn wait_for(&self, times: usize, kind: RequestKind) -> Result<Vec<RecordedRequest>> {
        eventually(&format!("{times} requests of {kind:?}"), async || {
            let requests = self.requests_of(kind);
            Ok((requests.len() >= times).then_some(requests))
        })
        .await
    }

    /// Removes the requests so far from the record.
    pub fn clear_requests(&self) {
        lock(&self.shared.requests).clear();
    }

    /// Tokens and secret keys in the responses so far.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        lock(&self.shared.secrets).clone()
    }
}

/// Makes the server close the connection: it does so on the error of a service or of a body.
#[derive(Debug)]
struct ConnectionDropped;

impl fmt::Display for ConnectionDropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is to be dropped")
    }
}

impl Error for ConnectionDropped {}

async fn accept(listener: TcpListener, shared: Arc<Shared>) -> Result<Infallible> {
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { shared.handle(request).await.map_err(|_| ConnectionDropped) }
        });
        tokio::spawn(async move {
            http1::Builder::new()
                // A browser repeats a request by itself when a connection breaks that it has used before.
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
}

impl Shared {
    /// Handles a request; an error closes the connection.
    async fn handle(&self, request: Request<Incoming>) -> Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let recorded = RecordedRequest::new(&parts, &body, &self.hasher);
        // Before the fault is looked up, so that a `clear_faults` in between is not missed.
        let mut cleared = self.faults_cleared.subscribe();
        let fault = self.fault_for(&recorded);
        let number = self.record(recorded);
        let handled = self.apply(fault, &mut cleared, number, parts, body).await;
        if handled.is_err() {
            self.update(number, |request| {
                if request.is_pending() {
                    "lost".clone_into(&mut request.outcome);
                }
            });
        }
        handled
    }

    async fn apply(
        &self,
        fault: Option<Fault>,
        cleared: &mut watch::Receiver<()>,
        number: u64,
        parts: Parts,
        body: Bytes,
    ) -> Result<Response<Body>> {
        match fault {
            Some(Fault::Respond(stub)) => {
                let status = StatusCode::from_u16(stub.status)?;
                self.update(number, |request| request.stub(status));
                return Ok(stub.into_response()?.map(whole));
            }
            Some(Fault::Drop) => return Err(ConnectionDropped.into()),
            Some(Fault::Hang) => return std::future::pending().await,
            Some(Fault::Delay(delay)) => sleep(delay).await,
            Some(Fault::Hold) => cleared.changed().await?,
            _ => {}
        }
        let mut response = self.forward(number, parts, body).await?;
        match fault {
            Some(Fault::HoldResponse) => cleared.changed().await?,
            Some(Fault::DropResponse) => return Err(ConnectionDropped.into()),
            Some(Fault::CutResponse) => return Ok(half(response)),
            Some(Fault::ReplaceResponse(stub)) => response = stub.into_response()?,
            Some(Fault::WithoutCors) => {
                response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
            }
            Some(Fault::EditResponse(edit)) => response = self.edited(response, &edit).await?,
            _ => {}
        }
        Ok(response.map(whole))
    }

    fn fault_for(&self, request: &RecordedRequest) -> Option<Fault> {
        let mut rules = lock(&self.rules);
        // The last rule wins, so that a test can replace one.
        rules.iter_mut().rev().find_map(|rule| rule.take(request))
    }

    fn record(&self, request: RecordedRequest) -> u64 {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        lock(&self.requests).push((number, request));
        number
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut RecordedRequest)) {
        let mut requests = lock(&self.requests);
        let found = requests.iter_mut().find(|(found, _)| *found == number);
        if let Some((_, request)) = found {
            change(request);
        }
    }

    async fn forward(&self, number: u64, mut parts: Parts, body: Bytes) -> Result<Response<Bytes>> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.server).parse::<Uri>()?;
        remove_hop_by_hop(&mut parts.headers);
        let request = Request::from_parts(parts, Full::new(body));
        let mut response = self.client.send(request).await?;
        remove_hop_by_hop(response.headers_mut());
        let json = serde_json::from_slice(response.body()).unwrap_or_default();
        self.remember_secrets(&json);
        self.update(number, |request| {
            request.process(response.status(), response.headers(), &json, &self.hasher);
        });
        Ok(response)
    }

    fn remember_secrets(&self, body: &Value) {
        let members = [Some(body), body.get("Credentials")].into_iter().flatten();
        let values = members.flat_map(|object| SECRET_MEMBERS.map(|member| object.get(member)));
        let values = values
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        lock(&self.secrets).extend(values);
    }

    async fn edited(&self, response: Response<Bytes>, edit: &Edit) -> Result<Response<Bytes>> {
        let (parts, body) = response.into_parts();
        let mut body: Value = serde_json::from_slice(&body)?;
        edit.apply(&mut body);
        if edit.forged || !edit.claims.is_empty() {
            body["id_token"] = self.sign_again(&body["id_token"], edit).await?;
        }
        Ok(Response::from_parts(parts, Bytes::from(body.to_string())))
    }

    /// Has the OpenID provider sign changed claims.
    async fn sign_again(&self, token: &Value, edit: &Edit) -> Result<Value> {
        let argument = json!({ "token": token, "claims": edit.claims, "forged": edit.forged });
        let request = Request::post(format!("{}/_test/sign", self.server))
            .body(Full::from(argument.to_string()))?;
        let response = self.client.send(request).await?;
        serde_json::from_slice(response.body()).context("the provider did not sign the token")
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        headers.remove(name);
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

/// The first half of a response; then the connection breaks.
fn half(response: Response<Bytes>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    let first = Frame::data(body.slice(..body.len() / 2));
    let frames = futures::stream::iter([Ok(first), Err(ConnectionDropped)]);
    Response::from_parts(parts, StreamBody::new(frames).boxed())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
