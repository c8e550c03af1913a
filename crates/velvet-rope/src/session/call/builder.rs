//! The builder of calls.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt as _;
use serde::Serialize;

use super::AuthError;
use super::CallError;
use super::Calls;
use super::streamed;
use super::streamed::StreamedAnswer;
use crate::gateway::{Answer, CallAuth, CancelToken, Draft, Multipart, RequestError};
use crate::host::Host;
use crate::http::{Body, HttpRequest, Method, Transport, UploadProgress};
use crate::store::Store;

type Before = Rc<dyn Fn(&mut HttpRequest) -> Result<(), RequestError>>;
type Send = Rc<dyn Fn(&HttpRequest)>;
type After = Rc<dyn Fn(&mut Answer)>;

/// The interceptors of a gateway client.
#[derive(Clone, Default)]
pub(in crate::session) struct Hooks {
    before: Vec<Before>,
    send: Vec<Send>,
    after: Vec<After>,
}

impl Hooks {
    pub(super) fn before(&self, request: &mut HttpRequest) -> Result<(), RequestError> {
        self.before.iter().try_for_each(|hook| hook(request))
    }

    pub(super) fn send(&self, request: &HttpRequest) {
        self.send.iter().for_each(|hook| hook(request));
    }

    pub(super) fn after(&self, answer: &mut Answer) {
        self.after.iter().for_each(|hook| hook(answer));
    }
}

/// A client for the API of the configuration. Cheap to clone; a clone has its own interceptors from then on.
pub struct Gateway<T, S, H> {
    calls: Rc<Calls<T, S, H>>,
    hooks: Hooks,
}

impl<T, S, H> Gateway<T, S, H> {
    pub(in crate::session) fn new(calls: Rc<Calls<T, S, H>>) -> Self {
        Self {
            calls,
            hooks: Hooks::default(),
        }
    }

    /// Calls `hook` with each request before it is signed, also before each repetition: to add a header or change the
    /// address. Several hooks run in the order in which they were added.
    #[must_use]
    pub fn on_request(
        mut self,
        hook: impl Fn(&mut HttpRequest) -> Result<(), RequestError> + 'static,
    ) -> Self {
        self.hooks.before.push(Rc::new(hook));
        self
    }

    /// Calls `hook` with each request as it is sent, with its signature or token, also with each repetition: for a page that
    /// explains a request. It cannot be changed any more. Do not log or store it: it has the secrets of the session.
    #[must_use]
    pub fn on_send(mut self, hook: impl Fn(&HttpRequest) + 'static) -> Self {
        self.hooks.send.push(Rc::new(hook));
        self
    }

    /// Calls `hook` with each answer that a call ends with, whatever its status.
    #[must_use]
    pub fn on_answer(mut self, hook: impl Fn(&mut Answer) + 'static) -> Self {
        self.hooks.after.push(Rc::new(hook));
        self
    }

    /// A GET request. `path` is below the stage; it may have parameters in braces and a query.
    pub fn get(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Get, path)
    }

    /// A POST request.
    pub fn post(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Post, path)
    }

    /// A PUT request.
    pub fn put(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Put, path)
    }

    /// A PATCH request.
    pub fn patch(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Patch, path)
    }

    /// A DELETE request.
    pub fn delete(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Delete, path)
    }

    /// A HEAD request.
    pub fn head(&self, path: &str) -> GatewayRequest<T, S, H> {
        self.request(Method::Head, path)
    }

    /// A request with any method.
    pub fn request(&self, method: Method, path: &str) -> GatewayRequest<T, S, H> {
        GatewayRequest {
            calls: Rc::clone(&self.calls),
            hooks: self.hooks.clone(),
            draft: Draft::new(method, path),
        }
    }
}

impl<T: Transport + 'static, S: Store + 'static, H: Host + 'static> Gateway<T, S, H> {
    /// Gets the credentials of the user, or of a guest, and what signs, so that the first signed call does not wait for them:
    /// for a page that will make one, while it renders. Calls that begin meanwhile wait for the same requests. Credentials at
    /// hand are used again.
    ///
    /// # Errors
    /// [`AuthError`] when there are no credentials; [`AuthError::NoIdentityPool`] where none is configured.
    pub fn prepare(&self) -> impl Future<Output = Result<(), AuthError>> {
        self.calls.prepare()
    }
}

/// A request under construction. [`GatewayRequest::send`] reports all mistakes.
#[must_use = "a request is sent by `send`"]
pub struct GatewayRequest<T, S, H> {
    calls: Rc<Calls<T, S, H>>,
    hooks: Hooks,
    draft: Draft,
}

impl<T, S, H> GatewayRequest<T, S, H> {
    fn with(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        change(&mut self.draft);
        self
    }

    /// The value of the parameter `{name}` of the path. It becomes one segment, percent-encoded.
    pub fn path(self, name: &str, value: impl Display) -> Self {
        self.with(|draft| draft.parameter(name, value.to_string()))
    }

    /// Adds a pair to the query, percent-encoded. Names may be repeated; the order is kept.
    pub fn query(self, name: &str, value: impl Display) -> Self {
        self.with(|draft| draft.query(name, value.to_string()))
    }

    /// Adds a header. Values are ASCII; repeated headers are joined by a comma, as browsers do.
    pub fn header(self, name: &str, value: impl Display) -> Self {
        self.with(|draft| draft.header(name, value.to_string()))
    }

    /// A body of JSON, with the content type `application/json`.
    pub fn json(self, value: &impl Serialize) -> Self {
        let json = serde_json::to_string(value);
        self.with(|draft| draft.json(json))
    }

    /// A body of text, with the content type `text/plain;charset=UTF-8`.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.bytes("text/plain;charset=UTF-8", text.into())
    }

    /// A body of bytes with this content type.
    pub fn bytes(self, content_type: &str, bytes: impl Into<Body>) -> Self {
        let bytes = bytes.into();
        self.with(|draft| draft.bytes(content_type, bytes))
    }

    /// A body of pairs, as forms send them: `application/x-www-form-urlencoded`.
    pub fn form<K: Display, V: Display>(self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let text = |(name, value): (K, V)| (name.to_string(), value.to_string());
        let pairs: Vec<_> = pairs.into_iter().map(text).collect();
        self.with(|draft| draft.form(&pairs))
    }

    /// How long the whole call may take, with credentials and repetitions. Without it, each attempt may take
    /// [`DEFAULT_TIMEOUT`](crate::http::DEFAULT_TIMEOUT).
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|draft| draft.timeout = Some(timeout))
    }

    /// Ends the call with [`CallError::Cancelled`] when `token` is cancelled. Dropping the future of `send` cancels the
    /// call as well.
    pub fn cancel(self, token: &CancelToken) -> Self {
        let token = token.clone();
        self.with(|draft| draft.cancel = Some(token))
    }

    /// What proves that the caller may call. Without it: what the configuration says of a route with this method and
    /// path; else a signature where an identity pool is configured, and the access token where none is.
    pub fn auth(self, auth: CallAuth) -> Self {
        self.with(|draft| draft.auth = Some(auth))
    }

    /// Says that a repetition of this request changes nothing, so that a POST or PATCH is repeated like a PUT.
    pub fn idempotent(self) -> Self {
        self.with(|draft| draft.idempotent = true)
    }
}

impl<T, S, H> GatewayRequest<T, S, H>
where
    T: Transport + 'static,
    S: Store + 'static,
    H: Host + 'static,
{
    /// A body of several parts, such as files: `multipart/form-data`.
    pub fn multipart(self, multipart: impl Borrow<Multipart>) -> Self {
        let host = &self.calls.context.ports.host;
        let random = [host.jitter(), host.jitter()].map(f64::to_bits);
        let boundary = format!("velvet-rope-{:x}{:x}", random[0], random[1]);
        let (content_type, body) = multipart.borrow().encode(&boundary);
        self.bytes(&content_type, body)
    }

    /// The address that the request is sent to, unless an interceptor changes it.
    ///
    /// # Errors
    /// [`RequestError`] when the request is not valid.
    pub fn url(&self) -> Result<String, RequestError> {
        let request = self.draft.request(&self.calls.context.config.api)?;
        Ok(request.url)
    }

    /// Sends the request and returns the answer, whatever its status.
    ///
    /// # Errors
    /// [`CallError`] with what kept the request from being sent or answered.
    pub async fn send(self) -> Result<Answer, CallError> {
        let context = &self.calls.context;
        let exchange = |request| context.ports.transport.send(request).boxed_local();
        self.calls.run(&self.draft, &self.hooks, &exchange).await
    }

    /// Sends the request as [`Self::send`] does, and calls `progress` while the body is sent, where the browser can tell.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_with_progress(
        self,
        progress: impl Fn(UploadProgress) + 'static,
    ) -> Result<Answer, CallError> {
        let context = &self.calls.context;
        let progress: Rc<dyn Fn(UploadProgress)> = Rc::new(progress);
        let exchange = |request| {
            let transport = &context.ports.transport;
            transport
                .send_reporting(request, Rc::clone(&progress))
                .boxed_local()
        };
        self.calls.run(&self.draft, &self.hooks, &exchange).await
    }

    /// Sends the request and returns as soon as the headers of the answer are there, to read its body piece by piece. The
    /// body of an answer of 400 or above is read first. The timeout of the call ends with the headers.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_streaming(self) -> Result<StreamedAnswer, CallError> {
        let (calls, draft) = (&self.calls, &self.draft);
        let opened = RefCell::new(None);
        let exchange = |request| {
            let sent = calls.context.ports.transport.open(request);
            streamed::read_headers(sent, &opened).boxed_local()
        };
        let ends = streamed::Ends::new(draft.cancel.clone(), calls.user_of(draft));
        let answer = calls.run(draft, &self.hooks, &exchange).await?;
        Ok(StreamedAnswer::new(answer, opened.take(), ends))
    }
}

impl<T, S, H> GatewayRequest<T, S, H>
where
    T: Transport + 'static,
    S: Store + 'static,
    H: Host + 'static,
{
    /// The address with the signature in its query, valid for `valid`: at most seven days, and at most as long as the
    /// credentials. The browser opens it by itself: a download, an image. Any user of the address can open it, so do not
    /// store or log it. Nothing is sent; headers, body and API key of the request are not part of the address.
    ///
    /// # Errors
    /// [`CallError`] when the request is not valid, or there are no credentials.
    pub async fn presign(self, valid: Duration) -> Result<String, CallError> {
        self.calls.presign(&self.draft, &self.hooks, valid).await
    }
}

impl<T, S, H> Clone for Gateway<T, S, H> {
    fn clone(&self) -> Self {
        Self {
            calls: Rc::clone(&self.calls),
            hooks: self.hooks.clone(),
        }
    }
}

impl<T, S, H> Clone for GatewayRequest<T, S, H> {
    fn clone(&self) -> Self {
        Self {
            calls: Rc::clone(&self.calls),
            hooks: self.hooks.clone(),
            draft: self.draft.clone(),
        }
    }
}

impl<T, S, H> fmt::Debug for Gateway<T, S, H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gateway")
    }
}

impl<T, S, H> fmt::Debug for GatewayRequest<T, S, H> {
    /// Method and path; parameters and bodies may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}",
            self.draft.method.as_str(),
            self.draft.path
        )
    }
}
