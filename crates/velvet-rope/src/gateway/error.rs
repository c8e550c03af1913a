//! What is wrong with a request before it is sent, and with a body that is not the expected JSON.

use thiserror::Error;

/// Why a request cannot be sent as it was built. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The path has a parameter in braces that was not given a value.
    #[error("the path parameter {0} has no value")]
    MissingParameter(String),
    /// A value was given for a parameter that the path does not have.
    #[error("the path has no parameter {0}")]
    UnknownParameter(String),
    /// The value of a path parameter is empty, `.` or `..`: browsers and gateways would drop that segment.
    #[error("the path parameter {0} is empty, \".\" or \"..\"")]
    UnusableParameter(String),
    /// The path does not start with a slash, has a brace without its counterpart, or a query that is not UTF-8; or the
    /// address of the API is not one of http or https.
    #[error("the address is not valid")]
    Address,
    /// The name or the value of this header is not one that HTTP and a browser can send: values are ASCII.
    #[error("the header {0} is not valid")]
    Header(String),
    /// Browsers do not let a page set this header (Fetch Standard, "forbidden request-header").
    #[error("browsers do not let a page send the header {0}")]
    ForbiddenHeader(String),
    /// The library sets this header itself. For an `authorization` of your own, see
    /// [`CallAuth::Header`](super::CallAuth::Header).
    #[error("the header {0} is set by the library")]
    ReservedHeader(String),
    /// GET and HEAD requests have no body.
    #[error("a GET or HEAD request has no body")]
    BodyNotAllowed,
    /// The value cannot be written as JSON; with the text of serde.
    #[error("the body cannot be written as JSON: {0}")]
    Json(String),
}

/// Why a body is not the expected JSON. The text names no value of the body.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place} (line {line}, column {column}): {problem}")]
pub struct JsonError {
    /// The place in the body: `$` is the whole, `$.items[3].price` a member.
    pub place: String,
    /// The line, from 1; 0 when the body is not UTF-8.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What was expected there: `expected u32`, or ``missing field `name` ``.
    pub problem: String,
}
