//! What differs between a page and a terminal.

use std::fmt;

use velvet_rope::{
    Config, HttpRequest, HttpResponse, Method, Route, RouteAuth, Timestamp, TransportError,
};

/// What the answer to a preflight lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A status of 2xx; this one came.
    Status(u16),
    /// `Access-Control-Allow-Origin` for this origin.
    Origin(String),
    /// This method in `Access-Control-Allow-Methods`.
    Method(Method),
    /// The header of this name in `Access-Control-Allow-Headers`.
    Header(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "a status of 2xx in place of {status}"),
            Self::Origin(origin) => write!(formatter, "origin {origin}"),
            Self::Method(method) => write!(formatter, "method {}", method.as_str()),
            Self::Header(name) => write!(formatter, "header {name}"),
        }
    }
}

/// How the preflight of a request ended (Fetch Standard, section 4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preflight {
    /// A page may send the request.
    Allowed,
    /// A page may not, and what the answer lacks; nothing where a browser does not say what.
    Refused(Vec<Missing>),
    /// The host did not answer at all, and why.
    Unreachable(String),
    /// The host answers. A page sends a preflight only with its request, and this one could change something.
    NotSent,
}

/// Where the checks run.
pub trait Surroundings {
    /// The origin of the site, such as `https://app.example.com`.
    fn origin(&self) -> &str;

    /// The time of this device.
    fn now(&self) -> Timestamp;

    /// Sends a request and reads the answer, as a page of the origin could.
    fn send(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>>;

    /// Whether a page of the origin may send this request.
    fn preflight(&self, request: HttpRequest) -> impl Future<Output = Preflight>;
}

/// The names of the headers that a call of this route has.
#[must_use]
pub fn needed_headers(config: &Config, route: &Route) -> Vec<&'static str> {
    let mut names = Vec::new();
    match route.auth {
        RouteAuth::Open => {}
        RouteAuth::Iam => names.extend(["authorization", "x-amz-date", "x-amz-security-token"]),
        RouteAuth::Bearer => names.push("authorization"),
    }
    if config.api.key.is_some() {
        names.push("x-api-key");
    }
    if matches!(route.method, Method::Post | Method::Put | Method::Patch) {
        names.push("content-type");
    }
    names
}

/// What the answer to a preflight lacks for a request with this method and these headers from `origin`. The headers of the
/// answer are in lower case.
#[must_use]
pub fn missing_of_preflight(
    answer: &HttpResponse,
    origin: &str,
    method: Method,
    headers: &[&str],
) -> Vec<Missing> {
    let list = |name: &str| -> Vec<String> {
        let value = answer.header(name).unwrap_or_default();
        value
            .split(',')
            .map(|part| part.trim().to_ascii_lowercase())
            .collect()
    };
    let mut missing = Vec::new();
    if !(200..300).contains(&answer.status) {
        missing.push(Missing::Status(answer.status));
    }
    let allowed = answer
        .header("access-control-allow-origin")
        .unwrap_or_default()
        .trim();
    if allowed != "*" && allowed != origin {
        missing.push(Missing::Origin(origin.to_owned()));
    }
    let methods = list("access-control-allow-methods");
    let wanted = method.as_str().to_ascii_lowercase();
    let is_simple = matches!(method, Method::Get | Method::Head | Method::Post);
    if !is_simple && !methods.iter().any(|known| *known == wanted || known == "*") {
        missing.push(Missing::Method(method));
    }
    let allowed = list("access-control-allow-headers");
    for header in headers {
        // The wildcard does not cover this one (Fetch Standard, "CORS non-wildcard request-header name").
        let by_wildcard = *header != "authorization" && allowed.iter().any(|known| known == "*");
        if !by_wildcard && !allowed.iter().any(|known| known == header) {
            missing.push(Missing::Header((*header).to_owned()));
        }
    }
    missing
}
