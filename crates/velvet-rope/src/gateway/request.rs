//! A call before it is sent: what the builder collected, and the request made of it.

use std::fmt;
use std::time::Duration;

use super::address::{address, encode};
use super::cancel::CancelToken;
use super::error::RequestError;
use super::headers::{check, wire_headers};
use crate::config::{Api, Route, RouteAuth};
use crate::http::{Body, DEFAULT_TIMEOUT, HttpRequest, Method};

/// What proves to the gateway that the caller may call.
#[derive(Clone, PartialEq, Eq)]
pub enum CallAuth {
    /// The API key alone, if one is configured.
    Open,
    /// A Signature Version 4 with the credentials of the user, or of a guest.
    Iam,
    /// `Authorization: Bearer` with the access token of the user, or with the token of an API-managed account.
    Bearer,
    /// A header of your own, such as the token of a Lambda authorizer.
    Header {
        /// The name.
        name: String,
        /// The value, which is not printed.
        value: String,
    },
}

impl From<RouteAuth> for CallAuth {
    fn from(auth: RouteAuth) -> Self {
        match auth {
            RouteAuth::Open => Self::Open,
            RouteAuth::Iam => Self::Iam,
            RouteAuth::Bearer => Self::Bearer,
        }
    }
}

impl fmt::Debug for CallAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Open => "Open",
            Self::Iam => "Iam",
            Self::Bearer => "Bearer",
            Self::Header { name, .. } => name,
        })
    }
}

/// What the builder of a call collected. The functions are those of
/// [`GatewayRequest`](crate::session::GatewayRequest).
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: Method,
    pub(crate) path: String,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    /// Content type and bytes of the body.
    payload: Option<(String, Body)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) auth: Option<CallAuth>,
    pub(crate) idempotent: bool,
    /// The first mistake, which `send` reports.
    mistake: Option<RequestError>,
}

impl Draft {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            parameters: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            payload: None,
            timeout: None,
            cancel: None,
            auth: None,
            idempotent: false,
            mistake: None,
        }
    }

    pub(crate) fn parameter(&mut self, name: &str, value: String) {
        self.parameters.push((name.to_owned(), value));
    }

    pub(crate) fn query(&mut self, name: &str, value: String) {
        self.query.push((name.to_owned(), value));
    }

    pub(crate) fn header(&mut self, name: &str, value: String) {
        self.headers.push((name.to_owned(), value));
    }

    pub(crate) fn bytes(&mut self, content_type: &str, bytes: Body) {
        self.payload = Some((content_type.to_owned(), bytes));
    }

    pub(crate) fn json(&mut self, json: Result<String, serde_json::Error>) {
        match json {
            Ok(json) => self.bytes("application/json", json.into()),
            Err(error) => self.mistake = Some(RequestError::Json(error.to_string())),
        }
    }

    /// Writes pairs as forms do (URL Standard, `application/x-www-form-urlencoded`).
    pub(crate) fn form(&mut self, pairs: &[(String, String)]) {
        let mut form = String::new();
        for (name, value) in pairs {
            if !form.is_empty() {
                form.push('&');
            }
            encode(&mut form, name.as_bytes(), b"");
            form.push('=');
            encode(&mut form, value.as_bytes(), b"");
        }
        self.bytes("application/x-www-form-urlencoded", form.into());
    }

    /// What proves that the caller may call: as the builder says; else as the configuration says of a route with this
    /// method and path; else a signature where an identity pool is configured, and the access token where none is.
    pub(crate) fn auth(&self, routes: &[Route], has_identity_pool: bool) -> CallAuth {
        let path_of = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        let path = path_of(&self.path);
        let route = routes
            .iter()
            .find(|route| route.method == self.method && path_of(&route.path) == path);
        match (&self.auth, route) {
            (Some(auth), _) => auth.clone(),
            (None, Some(route)) => route.auth.into(),
            (None, None) if has_identity_pool => CallAuth::Iam,
            (None, None) => CallAuth::Bearer,
        }
    }

    /// The request, before interceptors.
    pub(crate) fn request(&self, api: &Api) -> Result<HttpRequest, RequestError> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        let url = address(&api.base_url, &self.path, &self.parameters, &self.query)?;
        let mut request = HttpRequest::new(self.method, url);
        request.headers = self.headers.iter().map(lower_name).collect();
        let Some((content_type, bytes)) = self.payload.clone() else {
            return Ok(request);
        };
        if matches!(self.method, Method::Get | Method::Head) {
            return Err(RequestError::BodyNotAllowed);
        }
        let given = request
            .headers
            .iter()
            .any(|(name, _)| name == "content-type");
        if !given {
            request = request.header("content-type", content_type);
        }
        Ok(request.body(bytes))
    }
}

fn lower_name((name, value): &(String, String)) -> (String, String) {
    (name.to_ascii_lowercase(), value.clone())
}

/// The request as a browser sends it, with the API key and the header of `auth`, if it has one. To be called after the
/// interceptors and before the signature.
pub(crate) fn finish(
    mut request: HttpRequest,
    api: &Api,
    auth: &CallAuth,
    timeout: Option<Duration>,
) -> Result<HttpRequest, RequestError> {
    request.url = super::address::wire_url(&request.url)?;
    request.headers = wire_headers(&request.headers)?;
    request.timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
    if let Some(key) = &api.key {
        request = request.header("x-api-key", key);
    }
    if let CallAuth::Header { name, value } = auth {
        let name = name.to_ascii_lowercase();
        match check(&name, value) {
            Err(RequestError::ReservedHeader(_)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        request.headers.retain(|(known, _)| *known != name);
        request = request.header(&name, value.trim());
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    fn api() -> Api {
        parse(crate::config::EXAMPLE).unwrap().api
    }

    fn request(draft: &Draft) -> Result<HttpRequest, RequestError> {
        draft.request(&api())
    }

    #[test]
    fn puts_the_path_below_the_stage_and_sends_the_key() {
        let mut api = api();
        let draft = Draft::new(Method::Get, "/no-auth");
        let sent = |api: &Api| {
            let request = draft.request(api).unwrap();
            finish(request, api, &CallAuth::Open, None).unwrap()
        };
        let url = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest/no-auth";
        assert_eq!(sent(&api).url, url);
        let key = ("x-api-key", "your-api-gateway-key-value");
        assert_eq!(sent(&api).headers, [(key.0.to_owned(), key.1.to_owned())]);
        api.key = None;
        assert_eq!(sent(&api).headers, []);
    }

    #[test]
    fn the_protection_is_that_of_the_builder_else_of_the_route_else_of_the_configuration() {
        let routes = api().routes;
        let auth = |path: &str, auth: Option<CallAuth>, pool: bool| {
            let mut draft = Draft::new(Method::Get, path);
            draft.auth = auth;
            draft.auth(&routes, pool)
        };
        assert_eq!(auth("/no-auth?a=1", None, true), CallAuth::Open);
        assert_eq!(
            auth("/no-auth", Some(CallAuth::Bearer), true),
            CallAuth::Bearer
        );
        assert_eq!(auth("/require-auth", None, false), CallAuth::Iam);
        assert_eq!(auth("/other", None, true), CallAuth::Iam);
        assert_eq!(auth("/other", None, false), CallAuth::Bearer);
        let mut post = Draft::new(Method::Post, "/no-auth");
        assert_eq!(post.auth(&routes, true), CallAuth::Iam);
        post.auth = Some(CallAuth::Open);
        assert_eq!(post.auth(&routes, true), CallAuth::Open);
    }

    #[test]
    fn a_body_has_its_content_type_unless_another_is_given() {
        let mut draft = Draft::new(Method::Post, "/a");
        draft.form(&[
            ("a b".to_owned(), "1&2".to_owned()),
            ("c".to_owned(), String::new()),
        ]);
        let sent = request(&draft).unwrap();
        assert_eq!(sent.body, "a%20b=1%262&c=");
        let content_type = |sent: &HttpRequest| sent.headers[0].1.clone();
        assert_eq!(content_type(&sent), "application/x-www-form-urlencoded");
        draft.header("Content-Type", "text/x-own".to_owned());
        let sent = request(&draft).unwrap();
        assert_eq!(
            (sent.headers.len(), &*content_type(&sent)),
            (1, "text/x-own")
        );
        draft.method = Method::Get;
        assert_eq!(request(&draft), Err(RequestError::BodyNotAllowed));
    }

    #[test]
    fn a_header_of_its_own_proves_the_caller_and_is_not_printed() {
        let auth = CallAuth::Header {
            name: "Authorization".to_owned(),
            value: "token abc".to_owned(),
        };
        assert_eq!(format!("{auth:?}"), "Authorization");
        let sent = request(&Draft::new(Method::Get, "/a")).unwrap();
        let sent = finish(sent, &api(), &auth, None).unwrap();
        let expected = ("authorization".to_owned(), "token abc".to_owned());
        assert!(sent.headers.contains(&expected));
        let auth = CallAuth::Header {
            name: "Cookie".to_owned(),
            value: "a=b".to_owned(),
        };
        let sent = request(&Draft::new(Method::Get, "/a")).unwrap();
        let forbidden = RequestError::ForbiddenHeader("cookie".to_owned());
        assert_eq!(finish(sent, &api(), &auth, None), Err(forbidden));
    }
}
