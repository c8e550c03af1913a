//! Faults: how the proxy mishandles requests, and which ones.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use super::request::{RecordedRequest, RequestKind};

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The proxy responds; the server does not receive the request.
    Respond(StubResponse),
    /// The proxy closes the connection without a response; the server does not receive the request.
    Drop,
    /// No response ever comes; the server does not receive the request.
    Hang,
    /// The request is forwarded after this time.
    Delay(Duration),
    /// The request is forwarded when the faults are cleared.
    Hold,
    /// The server responds; the response is held until the faults are cleared.
    HoldResponse,
    /// The server responds; the proxy closes the connection instead of delivering the response.
    DropResponse,
    /// The server responds; half of the response is delivered.
    CutResponse,
    /// The server responds; this response is delivered instead.
    ReplaceResponse(StubResponse),
    /// The response is delivered without the CORS header that lets a page read it.
    WithoutCors,
    /// The JSON of the response is changed.
    EditResponse(Edit),
}

/// Changes of a JSON response.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    set: Vec<(&'static str, Value)>,
    remove: Vec<&'static str>,
    pub(super) claims: Map<String, Value>,
    pub(super) forged: bool,
}

impl Edit {
    /// Replaces the value at a JSON pointer, such as `/Credentials/SecretKey`.
    #[must_use]
    pub fn set(mut self, pointer: &'static str, value: Value) -> Self {
        self.set.push((pointer, value));
        self
    }

    /// Removes a member.
    #[must_use]
    pub fn remove(mut self, name: &'static str) -> Self {
        self.remove.push(name);
        self
    }

    /// Replaces a claim of the ID token, which the provider signs again.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// Signs the ID token with an unknown key.
    #[must_use]
    pub fn forged(mut self) -> Self {
        self.forged = true;
        self
    }

    pub(super) fn apply(&self, body: &mut Value) {
        for (pointer, value) in &self.set {
            if let Some(found) = body.pointer_mut(pointer) {
                *found = value.clone();
            }
        }
        if let Some(members) = body.as_object_mut() {
            for name in &self.remove {
                members.remove(*name);
            }
        }
    }
}

/// A response of the proxy itself.
#[derive(Clone, Debug)]
pub struct StubResponse {
    pub(super) status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl StubResponse {
    /// A JSON response that pages may read.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, &body.to_string()).header("content-type", "application/json")
    }

    /// A response with any content that pages may read.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        let response = Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        response.header("access-control-allow-origin", "*").header(
            "access-control-expose-headers",
            "Date,Retry-After,x-amzn-errortype,x-amzn-requestid",
        )
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn into_response(self) -> Result<Response<Bytes>> {
        let builder = Response::builder().status(self.status);
        let builder = self.headers.iter().fold(builder, |builder, (name, value)| {
            builder.header(*name, value)
        });
        Ok(builder.body(Bytes::from(self.body))?)
    }
}

/// A fault and the requests that it applies to.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) kind: RequestKind,
    pub(super) fault: Fault,
    /// How often it still applies; `None` for always.
    pub(super) remaining: Option<usize>,
}

impl Rule {
    /// The fault for this request, if the rule applies to it.
    pub(super) fn take(&mut self, request: &RecordedRequest) -> Option<Fault> {
        if self.remaining == Some(0) || !self.kind.matches(request) {
            return None;
        }
        self.remaining = self.remaining.map(|remaining| remaining - 1);
        Some(self.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::super::request::tests::request;
    use super::*;

    #[test]
    fn a_rule_ignores_preflights_and_ends_after_its_count() {
        let mut rule = Rule {
            kind: RequestKind::OPEN_ROUTE,
            fault: Fault::Drop,
            remaining: Some(1),
        };
        let mut applies = |method, path| rule.take(&request(method, path, "")).is_some();
        assert!(!applies(Method::OPTIONS, "/latest/no-auth"));
        assert!(!applies(Method::GET, "/latest/require-auth"));
        assert!(applies(Method::GET, "/latest/no-auth"));
        assert!(!applies(Method::GET, "/latest/no-auth"));
    }

    #[test]
    fn an_edit_sets_and_removes_only_existing_members() {
        let mut body = json!({ "Credentials": { "SecretKey": "a" }, "issuer": "b" });
        Edit::default()
            .set("/Credentials/SecretKey", json!("c"))
            .set("/nothing", json!("d"))
            .remove("issuer")
            .apply(&mut body);
        assert_eq!(body, json!({ "Credentials": { "SecretKey": "c" } }));
    }
}
