//! The events that API Gateway sends to an authorizer, read leniently: nothing that a caller can put into a request may
//! make the function fail.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use lambda_common::{BearerError, bearer_token};
use serde_json::Value;

use crate::reason::Reason;

/// The format of an event, which decides the format of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFormat {
    /// A `TOKEN` authorizer of a REST API.
    Token,
    /// A `REQUEST` authorizer of a REST API.
    Request,
    /// An authorizer of an HTTP API with payload format 1.0, which takes policies only.
    HttpApi1,
    /// An authorizer of an HTTP API with payload format 2.0.
    HttpApi2,
}

impl EventFormat {
    /// The value in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Request => "request",
            Self::HttpApi1 => "http_api_1.0",
            Self::HttpApi2 => "http_api_2.0",
        }
    }
}

/// A request that API Gateway asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthorizerRequest<'a> {
    pub(crate) format: EventFormat,
    pub(crate) route: RouteArn<'a>,
    /// The bearer token of the request, or why there is none.
    pub(crate) token: Result<&'a str, Reason>,
}

impl<'a> AuthorizerRequest<'a> {
    /// Reads an event; `None` when it has none of the formats of API Gateway.
    pub(crate) fn read(event: &'a Value) -> Option<Self> {
        let format = format(event)?;
        let arn = match format {
            EventFormat::HttpApi2 => &event["routeArn"],
            EventFormat::Token | EventFormat::Request | EventFormat::HttpApi1 => {
                &event["methodArn"]
            }
        };
        let header = match format {
            EventFormat::Token => Ok(event["authorizationToken"].as_str()),
            EventFormat::Request | EventFormat::HttpApi1 | EventFormat::HttpApi2 => {
                authorization_header(event)
            }
        };
        Some(Self {
            format,
            route: RouteArn::parse(arn.as_str()?)?,
            token: header.and_then(|header| {
                bearer_token(header).map_err(|error| match error {
                    BearerError::Missing => Reason::NoHeader,
                    BearerError::Malformed => Reason::Header,
                })
            }),
        })
    }
}

fn format(event: &Value) -> Option<EventFormat> {
    match (event["type"].as_str()?, event["version"].as_str()) {
        ("TOKEN", _) => Some(EventFormat::Token),
        ("REQUEST", None) => Some(EventFormat::Request),
        ("REQUEST", Some("1.0")) => Some(EventFormat::HttpApi1),
        ("REQUEST", Some("2.0")) => Some(EventFormat::HttpApi2),
        _ => None,
    }
}

/// The value of the one `Authorization` header.
///
/// Several are refused: the gateway caches its answer under one of them, which may not be the one that is checked here.
fn authorization_header(event: &Value) -> Result<Option<&str>, Reason> {
    let mut values = header_values(&event["multiValueHeaders"])
        .flat_map(|values| values.as_array().into_iter().flatten());
    let first = values.next();
    if values.next().is_some() {
        return Err(Reason::Header);
    }
    Ok(first
        .or_else(|| header_values(&event["headers"]).next())
        .and_then(Value::as_str))
}

/// Header names keep the case that the caller wrote.
fn header_values(headers: &Value) -> impl Iterator<Item = &Value> {
    let named = |(name, _): &(&String, _)| name.eq_ignore_ascii_case("authorization");
    let headers = headers.as_object().into_iter().flatten();
    headers.filter(named).map(|(_, value)| value)
}

/// The requested route:
/// `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RouteArn<'a> {
    /// Everything up to the stage.
    pub(crate) stage: &'a str,
    pub(crate) method: &'a str,
    /// Without its leading slash.
    path: &'a str,
}

impl<'a> RouteArn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let service = parts.by_ref().nth(2)?;
        if !arn.starts_with("arn:") || service != "execute-api" {
            return None;
        }
        let mut segments = parts.nth(2)?.splitn(4, '/');
        let (_api, _stage) = (segments.next()?, segments.next()?);
        let method = segments.next()?;
        let path = segments.next().unwrap_or_default();
        let mut slashes = arn.match_indices('/').map(|(index, _)| index);
        let stage = arn.get(..slashes.nth(1)?)?;
        Some(Self {
            stage,
            method,
            path,
        })
    }

    /// Whether it is `method` on `path`, which begins with a slash.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && path.strip_prefix('/') == Some(self.path)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/latest/GET/one/two";

    fn request(headers: &Value, multi: &Value) -> Value {
        json!({
            "type": "REQUEST", "methodArn": ARN, "httpMethod": "GET",
            "headers": headers, "multiValueHeaders": multi
        })
    }

    fn token(event: &Value) -> Result<&str, Reason> {
        AuthorizerRequest::read(event).unwrap().token
    }

    #[test]
    fn recognizes_each_format() {
        let headers = json!({ "authorization": "Bearer t" });
        let formats = [
            (
                json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": "Bearer t" }),
                EventFormat::Token,
            ),
            (
                json!({ "type": "REQUEST", "methodArn": ARN, "headers": headers }),
                EventFormat::Request,
            ),
            (
                json!({ "version": "1.0", "type": "REQUEST", "methodArn": ARN, "headers": headers }),
                EventFormat::HttpApi1,
            ),
            (
                json!({ "version": "2.0", "type": "REQUEST", "routeArn": ARN, "headers": headers }),
                EventFormat::HttpApi2,
            ),
        ];
        for (event, format) in formats {
            let request = AuthorizerRequest::read(&event).unwrap();
            assert_eq!((request.format, request.token), (format, Ok("t")));
            assert!(request.route.is("GET", "/one/two"), "{format:?}");
        }
    }

    #[test]
    fn knows_no_other_format() {
        for event in [
            json!(null),
            json!({}),
            json!({ "type": "REQUEST" }),
            json!({ "type": "TOKEN", "authorizationToken": "Bearer t" }),
            json!({ "type": "REQUEST", "version": "3.0", "methodArn": ARN }),
            json!({ "type": "COGNITO", "methodArn": ARN }),
            json!({ "type": "TOKEN", "methodArn": "arn:aws:sns:eu-west-1:1:a/b/c/d" }),
            json!({ "type": "TOKEN", "methodArn": "arn:aws:execute-api:eu-west-1:1:api/stage" }),
        ] {
            assert_eq!(AuthorizerRequest::read(&event), None, "{event}");
        }
    }

    #[test]
    fn finds_the_header_in_any_case_and_in_either_form() {
        for name in ["Authorization", "authorization", "AUTHORIZATION"] {
            assert_eq!(
                token(&request(&json!({ name: "Bearer t" }), &json!(null))),
                Ok("t")
            );
            assert_eq!(
                token(&request(&json!(null), &json!({ name: ["Bearer t"] }))),
                Ok("t")
            );
        }
    }

    #[test]
    fn refuses_several_headers() {
        let headers = json!({ "Authorization": "Bearer b" });
        for multi in [
            json!({ "Authorization": ["Bearer a", "Bearer b"] }),
            json!({ "Authorization": ["Bearer a"], "authorization": ["Bearer b"] }),
        ] {
            assert_eq!(token(&request(&headers, &multi)), Err(Reason::Header));
        }
    }

    #[test]
    fn reads_the_parts_of_an_arn() {
        let route = RouteArn::parse(ARN).unwrap();
        assert_eq!(
            route.stage,
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/latest"
        );
        assert_eq!(route.method, "GET");
        assert!(!route.is("POST", "/one/two") && !route.is("GET", "/one"));
        let root =
            RouteArn::parse("arn:aws-cn:execute-api:cn-north-1:1:api/$default/GET/").unwrap();
        assert!(root.is("GET", "/"));
    }
}
