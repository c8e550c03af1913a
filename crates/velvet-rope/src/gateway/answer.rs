//! The answer of a route, ready to be shown.

use std::time::Duration;

use serde_json::Value;

use super::refusal::{Refusal, read_refusal};
use crate::http::HttpResponse;
use crate::json;

/// An answer of a route, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The time from sending the request to the last byte of the answer.
    pub elapsed: Duration,
    /// The body: JSON indented by two blanks, anything else as it came.
    pub body: String,
    /// The gateway's id for the request, by which its logs can be searched.
    pub request_id: Option<String>,
    /// Why the gateway or the API refused; `None` for statuses below 400.
    pub refusal: Option<Refusal>,
    /// Whether the gateway itself refused, as its header `x-amzn-errortype` says: then the request did not reach the
    /// API. `false` for an answer of the API, and where CORS hides that header.
    pub refused_by_gateway: bool,
}

impl Answer {
    /// The members of the body that are texts, in their order; none if the body is no JSON object.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, String)> {
        let body = json::object(&self.body);
        let members = body.as_ref().and_then(Value::as_object);
        let texts = members.into_iter().flatten();
        texts
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

/// Reads the answer of a route.
#[must_use]
pub fn read_answer(response: &HttpResponse) -> Answer {
    Answer {
        status: response.status,
        elapsed: response.elapsed,
        body: indent(&response.body),
        request_id: response
            .header("x-amzn-requestid")
            .or(response.header("apigw-requestid"))
            .map(str::to_owned),
        refusal: (response.status >= 400).then(|| read_refusal(response)),
        refused_by_gateway: response.status >= 400 && response.error_type().is_some(),
    }
}

fn indent(body: &str) -> String {
    serde_json::from_str::<Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> HttpResponse {
        let headers = vec![("x-amzn-requestid".to_owned(), "r-1".to_owned())];
        HttpResponse {
            status,
            headers,
            body: body.into(),
            elapsed: Duration::from_millis(12),
        }
    }

    #[test]
    fn indents_json_and_keeps_the_order_of_its_members() {
        let answer = read_answer(&response(
            200,
            r#"{"message":"Open for All!","caller":{"b":1,"a":null}}"#,
        ));
        let expected = "{\n  \"message\": \"Open for All!\",\n  \"caller\": {\n    \"b\": 1,\n    \"a\": null\n  }\n}";
        assert_eq!(answer.body, expected);
        assert_eq!(answer.refusal, None);
        assert_eq!(answer.request_id.as_deref(), Some("r-1"));
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
    fn leaves_any_other_body_as_it_came() {
        let text = "HTTP content length exceeded 10485760 bytes.";
        let answer = read_answer(&response(413, text));
        assert_eq!(answer.body, text);
        assert_eq!(answer.refusal, Some(Refusal::TooLarge));
    }
}
