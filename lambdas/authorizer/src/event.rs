//! The three shapes of event that API Gateway asks an authorizer with, read leniently: whatever a
//! caller can put into a request must end in an answer, never in an error of the function.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use serde_json::Value;

use crate::reason::Reason;

/// Who asks, which decides how the answer must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A `TOKEN` authorizer of a REST API.
    Token,
    /// A `REQUEST` authorizer of a REST API.
    Request,
    /// An authorizer of an HTTP API with payload format 1.0, which takes policies only.
    HttpApi1,
    /// An authorizer of an HTTP API with payload format 2.0.
    HttpApi2,
}

impl Shape {
    /// The word for it in the log.
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

/// What API Gateway wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    pub(crate) shape: Shape,
    pub(crate) route: RouteArn<'a>,
    /// The bearer token of the request, or why there is none.
    pub(crate) token: Result<&'a str, Reason>,
}

impl<'a> Question<'a> {
    /// Reads an event; `None` when API Gateway sends no such event.
    pub(crate) fn read(event: &'a Value) -> Option<Self> {
        let shape = shape(event)?;
        let arn = match shape {
            Shape::HttpApi2 => &event["routeArn"],
            Shape::Token | Shape::Request | Shape::HttpApi1 => &event["methodArn"],
        };
        let header = match shape {
            Shape::Token => Ok(event["authorizationToken"].as_str()),
            Shape::Request | Shape::HttpApi1 | Shape::HttpApi2 => authorization_header(event),
        };
        Some(Self {
            shape,
            route: RouteArn::parse(arn.as_str()?)?,
            token: header.and_then(bearer_token),
        })
    }
}

fn shape(event: &Value) -> Option<Shape> {
    match (event["type"].as_str()?, event["version"].as_str()) {
        ("TOKEN", _) => Some(Shape::Token),
        ("REQUEST", None) => Some(Shape::Request),
        ("REQUEST", Some("1.0")) => Some(Shape::HttpApi1),
        ("REQUEST", Some("2.0")) => Some(Shape::HttpApi2),
        _ => None,
    }
}

/// The value of the one `Authorization` header.
///
/// Several are refused: the gateway remembers its answer under one of them, which need not be the
/// one that would be judged here.
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

/// Header names come in whatever case the caller wrote them.
fn header_values(headers: &Value) -> impl Iterator<Item = &Value> {
    let named = |(name, _): &(&String, _)| name.eq_ignore_ascii_case("authorization");
    let headers = headers.as_object().into_iter().flatten();
    headers.filter(named).map(|(_, value)| value)
}

/// The token in `Bearer TOKEN` (RFC 6750 section 2.1; the scheme in any case, RFC 9110 section 11.1).
fn bearer_token(header: Option<&str>) -> Result<&str, Reason> {
    let header = header.map(str::trim).filter(|header| !header.is_empty());
    let (scheme, token) = header
        .ok_or(Reason::NoHeader)?
        .split_once(' ')
        .ok_or(Reason::Header)?;
    let token = token.trim_start_matches(' ');
    let is_token = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if scheme.eq_ignore_ascii_case("bearer") && is_token {
        Ok(token)
    } else {
        Err(Reason::Header)
    }
}

/// The route that was asked for:
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
        Question::read(event).unwrap().token
    }

    #[test]
    fn recognizes_each_shape() {
        let headers = json!({ "authorization": "Bearer t" });
        let shapes = [
            (
                json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": "Bearer t" }),
                Shape::Token,
            ),
            (
                json!({ "type": "REQUEST", "methodArn": ARN, "headers": headers }),
                Shape::Request,
            ),
            (
                json!({ "version": "1.0", "type": "REQUEST", "methodArn": ARN, "headers": headers }),
                Shape::HttpApi1,
            ),
            (
                json!({ "version": "2.0", "type": "REQUEST", "routeArn": ARN, "headers": headers }),
                Shape::HttpApi2,
            ),
        ];
        for (event, shape) in shapes {
            let question = Question::read(&event).unwrap();
            assert_eq!((question.shape, question.token), (shape, Ok("t")));
            assert!(question.route.is("GET", "/one/two"), "{shape:?}");
        }
    }

    #[test]
    fn knows_no_other_shape() {
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
            assert_eq!(Question::read(&event), None, "{event}");
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
    fn takes_the_scheme_in_any_case() {
        for header in [
            "Bearer a.b-c_d",
            "bearer a.b-c_d",
            "BEARER  a.b-c_d",
            " Bearer a.b-c_d ",
        ] {
            assert_eq!(bearer_token(Some(header)), Ok("a.b-c_d"), "{header}");
        }
    }

    #[test]
    fn tells_a_missing_header_from_a_malformed_one() {
        for header in [None, Some(""), Some("  ")] {
            assert_eq!(bearer_token(header), Err(Reason::NoHeader));
        }
        for header in [
            "Bearer",
            "t",
            "Basic dTpw",
            "Bearer a b",
            "Bearer a,b",
            "Bearer é",
            "Bearer\tt",
        ] {
            assert_eq!(bearer_token(Some(header)), Err(Reason::Header), "{header}");
        }
    }

    #[test]
    fn takes_an_arn_apart() {
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
