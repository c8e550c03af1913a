//! How the proxy misbehaves, and for which requests.

use anyhow::Result;
use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::Value;

use super::RecordedRequest;

/// Which requests are meant. Preflights never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestMatcher {
    /// Those whose path ends like this.
    Path(&'static str),
    /// Those for this operation of Cognito Identity.
    Operation(&'static str),
}

impl RequestMatcher {
    /// The token endpoint.
    pub const TOKEN: Self = Self::Path("/oauth2/token");
    /// The operation `GetId`.
    pub const GET_ID: Self = Self::Operation("GetId");
    /// The operation `GetCredentialsForIdentity`.
    pub const GET_CREDENTIALS: Self = Self::Operation("GetCredentialsForIdentity");
    /// The open route of the demo API.
    pub const OPEN_ROUTE: Self = Self::Path("/no-auth");
    /// The protected route of the demo API.
    pub const PROTECTED_ROUTE: Self = Self::Path("/require-auth");

    pub(super) fn matches(self, seen: &RecordedRequest) -> bool {
        match self {
            Self::Path(end) => seen.path.ends_with(end),
            Self::Operation(operation) => {
                let target = seen
                    .target
                    .as_deref()
                    .and_then(|target| target.strip_prefix("AWSCognitoIdentityService."));
                target == Some(operation)
            }
        }
    }
}

/// What happens instead of passing a request on.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This answer is given, and nothing reaches MiniStack.
    Answer(Answer),
    /// The connection is closed without an answer.
    Drop,
    /// No answer ever comes.
    Hang,
    /// Nothing happens until the proxy has its faults cleared; then the request is passed on.
    Hold,
    /// The answer comes without the header that lets a page read it.
    WithoutCors,
    /// The JSON of the answer is changed on its way.
    EditJson(fn(&mut Value)),
}

/// An answer made up by a test.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    /// A JSON answer that pages may read.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, &body.to_string()).header("content-type", "application/json")
    }

    /// An answer of any content that pages may read.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        let answer = Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        answer.header("access-control-allow-origin", "*").header(
            "access-control-expose-headers",
            "Date,x-amzn-errortype,x-amzn-requestid",
        )
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    pub(super) fn into_response(self) -> Result<Response<Full<Bytes>>> {
        let builder = Response::builder().status(self.status);
        let builder = self.headers.iter().fold(builder, |builder, (name, value)| {
            builder.header(*name, value)
        });
        Ok(builder.body(Full::from(self.body))?)
    }
}

/// A fault, and when it applies.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) matches: RequestMatcher,
    pub(super) fault: Fault,
    /// How often it still applies; `None` for always.
    pub(super) remaining: Option<usize>,
}

impl Rule {
    /// The fault for this request, if the rule applies to it.
    pub(super) fn take(&mut self, seen: &RecordedRequest) -> Option<Fault> {
        if seen.method == Method::OPTIONS
            || self.remaining == Some(0)
            || !self.matches.matches(seen)
        {
            return None;
        }
        self.remaining = self.remaining.map(|remaining| remaining - 1);
        Some(self.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(method: Method, path: &str, target: Option<&str>) -> RecordedRequest {
        RecordedRequest {
            method,
            path: path.to_owned(),
            target: target.map(str::to_owned),
        }
    }

    #[test]
    fn a_rule_spares_preflights_and_ends_after_its_count() {
        let mut rule = Rule {
            matches: RequestMatcher::OPEN_ROUTE,
            fault: Fault::Drop,
            remaining: Some(1),
        };
        assert!(
            rule.take(&seen(Method::OPTIONS, "/latest/no-auth", None))
                .is_none()
        );
        assert!(
            rule.take(&seen(Method::GET, "/latest/require-auth", None))
                .is_none()
        );
        assert!(
            rule.take(&seen(Method::GET, "/latest/no-auth", None))
                .is_some()
        );
        assert!(
            rule.take(&seen(Method::GET, "/latest/no-auth", None))
                .is_none()
        );
    }

    #[test]
    fn operations_are_told_apart_by_their_target() {
        let get_id = seen(Method::POST, "/", Some("AWSCognitoIdentityService.GetId"));
        assert!(RequestMatcher::GET_ID.matches(&get_id));
        assert!(!RequestMatcher::GET_CREDENTIALS.matches(&get_id));
        assert!(!RequestMatcher::GET_ID.matches(&seen(Method::POST, "/", None)));
    }
}
