//! The answer of a call.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::JsonError;
use super::place::locate;
use super::refusal::{Denial, Refusal, read_denial, read_refusal};
use crate::http::{Body, HttpResponse};
use crate::json;

/// An answer of the API, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers that the browser lets the page read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Body,
    /// The gateway's id for the request, by which its logs can be searched.
    pub request_id: Option<String>,
    /// Why the gateway or the API refused; `None` for statuses below 400.
    pub refusal: Option<Refusal>,
    /// Whether the gateway itself refused, as its header `x-amzn-errortype` says: then the request did not reach the
    /// API. `false` for an answer of the API, and where CORS hides that header.
    pub refused_by_gateway: bool,
    /// How often the request was sent, from 1.
    pub attempts: u32,
    /// How long it took.
    pub timing: Timing,
}

/// How long the parts of a call took. Credentials are those of all attempts; the other parts are those of the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Until the request had its token or its credentials and signature; zero when they were at hand.
    pub credentials: Duration,
    /// From sending to the headers of the answer: the preflight, the way and the server.
    pub server: Duration,
    /// From the headers to the last byte of the body.
    pub body: Duration,
}

impl Timing {
    /// From sending the request to the last byte of the answer.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.server + self.body
    }
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header, if the page may read it. `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; bytes that are not UTF-8 are replaced by U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.body.text()
    }

    /// The body as JSON.
    ///
    /// ```
    /// # use velvet_rope::{Answer, HttpResponse, gateway::answer::read_answer};
    /// # let body = r#"{"items":[{"name":"Tea"},{"name":7}]}"#;
    /// # let answer: Answer = read_answer(&HttpResponse::new(200, vec![], body));
    /// #[derive(Debug, serde::Deserialize)]
    /// struct List {
    ///     items: Vec<Item>,
    /// }
    ///
    /// #[derive(Debug, serde::Deserialize)]
    /// struct Item {
    ///     name: String,
    /// }
    ///
    /// let error = answer.json::<List>().unwrap_err();
    /// assert_eq!(error.place, "$.items[1].name");
    /// assert_eq!(error.problem, "expected a string");
    /// ```
    ///
    /// # Errors
    /// [`JsonError`] with the place of the first part that does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let text = str::from_utf8(&self.body).map_err(|_| locate("", None))?;
        serde_json::from_str(text).map_err(|error| locate(text, Some(&error)))
    }

    /// Who may not call what, if the call was refused with [`Refusal::AccessDenied`] and the message names them.
    #[must_use]
    pub fn denial(&self) -> Option<Denial> {
        let is_denied = self.refusal == Some(Refusal::AccessDenied);
        is_denied.then(|| read_denial(&self.text())).flatten()
    }

    /// The members of the body that are texts, in their order; none if the body is no JSON object.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, String)> {
        let body = json::object(&self.text());
        let members = body.as_ref().and_then(Value::as_object);
        let texts = members.into_iter().flatten();
        texts
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

/// Reads an answer.
#[must_use]
pub fn read_answer(response: &HttpResponse) -> Answer {
    Answer {
        status: response.status,
        headers: response.headers.clone(),
        body: response.body.clone(),
        request_id: response
            .header("x-amzn-requestid")
            .or(response.header("apigw-requestid"))
            .map(str::to_owned),
        refusal: (response.status >= 400).then(|| read_refusal(response)),
        refused_by_gateway: response.status >= 400 && response.error_type().is_some(),
        attempts: 1,
        timing: Timing {
            credentials: Duration::ZERO,
            server: response.headers_after,
            body: response.elapsed.saturating_sub(response.headers_after),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> HttpResponse {
        let headers = vec![("x-amzn-requestid".to_owned(), "r-1".to_owned())];
        HttpResponse::new(status, headers, body)
    }

    #[test]
    fn an_answer_has_the_body_as_it_came_and_the_parts_of_the_time() {
        let body = r#"{"message":"Open for All!","caller":{"b":1,"a":null}}"#;
        let mut response = response(200, body);
        response.elapsed = Duration::from_millis(12);
        response.headers_after = Duration::from_millis(9);
        let answer = read_answer(&response);
        assert_eq!(answer.text(), body);
        assert_eq!(answer.refusal, None);
        assert_eq!(answer.request_id.as_deref(), Some("r-1"));
        assert_eq!(answer.timing.body, Duration::from_millis(3));
        assert_eq!(answer.timing.elapsed(), Duration::from_millis(12));
        response.body = vec![0xff, 0, 0xfe].into();
        assert_eq!(read_answer(&response).bytes(), [0xff, 0, 0xfe]);
    }

    #[test]
    fn the_texts_of_a_body_are_what_is_a_text_in_an_object() {
        let body = r#"{"user_id":"u-1","email":"a@example.org","age":7}"#;
        let texts = read_answer(&response(200, body)).texts();
        let expected = [("user_id", "u-1"), ("email", "a@example.org")];
        assert_eq!(
            texts,
            expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        for body in ["[1]", "over there", ""] {
            assert!(read_answer(&response(200, body)).texts().is_empty());
        }
    }

    #[test]
    fn knows_a_refusal_of_the_gateway_by_its_header() {
        let mut answer = response(403, r#"{"message":"Forbidden"}"#);
        assert!(!read_answer(&answer).refused_by_gateway);
        let error_type = (
            "x-amzn-errortype".to_owned(),
            "ForbiddenException".to_owned(),
        );
        answer.headers.push(error_type);
        assert!(read_answer(&answer).refused_by_gateway);
        answer.status = 200;
        assert!(!read_answer(&answer).refused_by_gateway);
    }

    #[test]
    fn only_a_denied_call_has_a_denial() {
        let body = r#"{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:x"}"#;
        let denial = read_answer(&response(403, body)).denial().unwrap();
        assert_eq!((&*denial.caller, &*denial.resource), ("anonymous", "arn:x"));
        for status in [200, 400, 500] {
            assert_eq!(read_answer(&response(status, body)).denial(), None);
        }
    }

    #[test]
    fn a_body_that_is_not_json_is_read_too() {
        let text = "HTTP content length exceeded 10485760 bytes.";
        let answer = read_answer(&response(413, text));
        assert_eq!(answer.text(), text);
        assert_eq!(answer.refusal, Some(Refusal::TooLarge));
    }
}
