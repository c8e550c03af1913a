//! A request that the user composed, and its result.

use std::cell::RefCell;
use std::rc::Rc;

use super::inspect::Sent;
use velvet_rope::{
    Answer, Auth, Body, BrowserRequest, CallAuth, CallError, HttpRequest, Method, Timestamp,
};

/// A request as the user composed it: all that is needed to send it again.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RequestDraft {
    /// The key of the operation that it was composed for.
    pub(super) operation: String,
    /// The method.
    pub(super) method: Method,
    /// The path below the stage, with parameters in braces: `/items/{id}`.
    pub(super) path: String,
    /// The values of the parameters of the path.
    pub(super) path_parameters: Vec<(String, String)>,
    /// The pairs of the query, in their order.
    pub(super) query: Vec<(String, String)>,
    /// The headers that the user added.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: DraftBody,
    /// What proves that the caller may call.
    pub(super) auth: CallAuth,
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum DraftBody {
    /// No body.
    None,
    /// A text with its content type: JSON, XML, plain text.
    Text { content_type: String, text: String },
    /// Pairs, sent as `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// The bytes of a file. Not stored.
    File {
        name: String,
        content_type: String,
        bytes: Body,
    },
}

impl DraftBody {
    /// The content type that it is sent with, unless the user added that header.
    pub(super) fn content_type(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Text { content_type, .. } | Self::File { content_type, .. } => Some(content_type),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
        }
    }
}

impl RequestDraft {
    /// The request, ready to be sent to the configured API. `sent` gets each attempt.
    pub(super) fn request(
        &self,
        auth: Auth,
        sent: &Rc<RefCell<Option<HttpRequest>>>,
    ) -> BrowserRequest {
        let sent = Rc::clone(sent);
        let keep = move |request: &HttpRequest| *sent.borrow_mut() = Some(request.clone());
        let mut request = auth
            .gateway()
            .on_send(keep)
            .request(self.method, &self.path);
        for (name, value) in &self.path_parameters {
            request = request.path(name, value);
        }
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request = match &self.body {
            DraftBody::None => request,
            DraftBody::Text { content_type, text } => request.bytes(content_type, text.as_str()),
            DraftBody::Form(pairs) => request.form(pairs.iter().cloned()),
            DraftBody::File {
                content_type,
                bytes,
                ..
            } => request.bytes(content_type, bytes.clone()),
        };
        request.auth(self.auth.clone())
    }
}

/// A request that was sent, and its result.
#[derive(Clone)]
pub(super) struct Exchange {
    /// Its number in this tab, from 1.
    pub(super) id: u32,
    /// The request.
    pub(super) draft: RequestDraft,
    /// When it was sent, by this device's clock.
    pub(super) sent_at: Timestamp,
    /// The last attempt as it was sent; nothing if it was not sent.
    pub(super) sent: Option<Sent>,
    /// The result.
    pub(super) result: ExchangeResult,
}

/// The result of a request.
#[derive(Clone)]
pub(super) enum ExchangeResult {
    /// The API or the gateway answered.
    Answered(Answer),
    /// The request was not sent, or not answered.
    Failed(CallError),
}
