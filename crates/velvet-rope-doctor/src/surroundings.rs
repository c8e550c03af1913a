//! What differs between a page and a terminal.

use velvet_rope::{
    Config, HttpRequest, HttpResponse, Method, Route, RouteAuth, Timestamp, TransportError,
};

/// How the preflight of a request ended (Fetch Standard, section 4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preflight {
    /// A page may send the request.
    Allowed,
    /// A page may not: what the answer lacks, such as `header x-amz-date`. Empty where a browser does not say what.
    Refused(Vec<String>),
    /// The host did not answer at all.
    Unreachable(String),
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
) -> Vec<String> {
    let list = |name: &str| -> Vec<String> {
        let value = answer.header(name).unwrap_or_default();
        value
            .split(',')
            .map(|part| part.trim().to_ascii_lowercase())
            .collect()
    };
    let mut missing = Vec::new();
    if !(200..300).contains(&answer.status) {
        missing.push(format!("a status of 2xx in place of {}", answer.status));
    }
    let allowed = answer
        .header("access-control-allow-origin")
        .unwrap_or_default()
        .trim();
    if allowed != "*" && allowed != origin {
        missing.push(["origin ", origin].concat());
    }
    let methods = list("access-control-allow-methods");
    let wanted = method.as_str().to_ascii_lowercase();
    let is_simple = matches!(method, Method::Get | Method::Head | Method::Post);
    if !is_simple && !methods.iter().any(|known| *known == wanted || known == "*") {
        missing.push(["method ", method.as_str()].concat());
    }
    let allowed = list("access-control-allow-headers");
    for header in headers {
        // The wildcard does not cover this one (Fetch Standard, "CORS non-wildcard request-header name").
        let by_wildcard = *header != "authorization" && allowed.iter().any(|known| known == "*");
        if !by_wildcard && !allowed.iter().any(|known| known == header) {
            missing.push(["header ", header].concat());
        }
    }
    missing
}
