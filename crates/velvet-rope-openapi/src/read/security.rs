//! What protects an operation: security schemes of the specification, with the extensions of API Gateway
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>).

use serde_json::{Map, Value};

use super::notes::Notes;
use crate::error::ProblemKind;
use crate::model::{ApiKey, LambdaAuthorizer, Location, Protection, SchemeUse, SecurityScheme};
use crate::pointer::At;

/// How the templates of AWS SAM name the absence of an authorizer. They do not define it as a scheme.
const NO_AUTHORIZER: &str = "NONE";

/// The security schemes in `members`, which is at `at`.
pub(crate) fn schemes(
    root: &Value,
    members: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Vec<SecurityScheme> {
    let mut schemes = Vec::new();
    for (name, value) in members {
        let at = at.key(name);
        let Some(target) = notes.follow(root, value, &at) else {
            continue;
        };
        let at = target.at(at);
        let Value::Object(scheme) = target.value else {
            notes.wrong_type(&at, "a security scheme");
            continue;
        };
        schemes.push(SecurityScheme {
            name: notes.copy(name),
            protection: protection(scheme, &at, notes),
            description: notes.text(scheme, "description", &at),
        });
    }
    schemes
}

/// What a security scheme requires.
fn protection(scheme: &Map<String, Value>, at: &At<'_>, notes: &mut Notes) -> Protection {
    if let Some(protection) = of_gateway(scheme) {
        return protection;
    }
    let kind = notes.text(scheme, "type", at);
    match kind.as_deref() {
        Some("apiKey") => api_key(scheme, at, notes),
        // Swagger 2.0.
        Some("basic") => Protection::Http("basic".to_owned()),
        Some("http") => {
            let name = notes.text(scheme, "scheme", at).unwrap_or_default();
            Protection::Http(name.to_ascii_lowercase())
        }
        Some("oauth2") => Protection::OAuth2,
        Some("openIdConnect") => Protection::OpenIdConnect,
        Some("mutualTLS") => Protection::Unknown,
        Some(other) => {
            notes.problem(at, ProblemKind::UnknownScheme(other.to_owned()));
            Protection::Unknown
        }
        None => {
            notes.problem(at, ProblemKind::Missing("type"));
            Protection::Unknown
        }
    }
}

/// What the extensions of API Gateway say that a scheme requires.
fn of_gateway(scheme: &Map<String, Value>) -> Option<Protection> {
    let kind = scheme
        .get("x-amazon-apigateway-authorizer")
        .and_then(|authorizer| authorizer.get("type"))
        .and_then(Value::as_str)
        .map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some("cognito_user_pools") => return Some(Protection::CognitoUserPool),
        Some("token") => return Some(Protection::LambdaAuthorizer(LambdaAuthorizer::Token)),
        Some("request") => return Some(Protection::LambdaAuthorizer(LambdaAuthorizer::Request)),
        Some("jwt") => return Some(Protection::Jwt),
        Some(_) | None => {}
    }
    let kind = scheme
        .get("x-amazon-apigateway-authtype")?
        .as_str()?
        .to_ascii_lowercase();
    match kind.as_str() {
        "awssigv4" | "aws_iam" => Some(Protection::Iam),
        "cognito_user_pools" => Some(Protection::CognitoUserPool),
        // The name of a custom authorizer's type is free, such as `oauth2` or `Custom scheme with corporate claims`.
        _ => Some(Protection::LambdaAuthorizer(LambdaAuthorizer::Unknown)),
    }
}

fn api_key(scheme: &Map<String, Value>, at: &At<'_>, notes: &mut Notes) -> Protection {
    let location = match notes.text(scheme, "in", at).as_deref() {
        Some("header") => Location::Header,
        Some("query") => Location::Query,
        Some("cookie") => Location::Cookie,
        Some(other) => {
            notes.problem(at, ProblemKind::UnknownLocation(other.to_owned()));
            return Protection::Unknown;
        }
        None => {
            notes.problem(at, ProblemKind::Missing("in"));
            return Protection::Unknown;
        }
    };
    let Some(name) = notes.text(scheme, "name", at) else {
        notes.problem(at, ProblemKind::Missing("name"));
        return Protection::Unknown;
    };
    Protection::ApiKey(ApiKey { name, location })
}

/// What protects one operation.
#[derive(Debug)]
pub(crate) struct Security {
    pub(crate) alternatives: Vec<Vec<SchemeUse>>,
    pub(crate) protection: Protection,
    pub(crate) uses_api_key: bool,
}

/// What protects `operation`; its own `security` replaces that of the document, also when it is empty.
pub(crate) fn of_operation(
    root: &Value,
    schemes: &[SecurityScheme],
    operation: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Security {
    let own = operation.get("security").map(|value| (value, *at));
    let of_document = root.get("security").map(|value| (value, At::ROOT));
    let alternatives = match own.or(of_document) {
        None | Some((Value::Null, _)) => Vec::new(),
        Some((Value::Array(items), at)) => alternatives(schemes, items, &at, notes),
        Some((_, at)) => {
            notes.wrong_type(&at.key("security"), "a list");
            vec![vec![SchemeUse {
                name: String::new(),
                scopes: Vec::new(),
                protection: Protection::Unknown,
            }]]
        }
    };
    // An extension of the first years, for one operation.
    let is_iam = operation
        .get("x-amazon-apigateway-auth")
        .and_then(|auth| auth.get("type"))
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("aws_iam"));
    let is_key = |used: &SchemeUse| matches!(&used.protection, Protection::ApiKey(key) if key.is_of_gateway());
    Security {
        uses_api_key: alternatives.iter().flatten().any(is_key),
        protection: if is_iam {
            Protection::Iam
        } else {
            main_protection(&alternatives)
        },
        alternatives,
    }
}

fn alternatives(
    schemes: &[SecurityScheme],
    items: &[Value],
    at: &At<'_>,
    notes: &mut Notes,
) -> Vec<Vec<SchemeUse>> {
    let at = at.key("security");
    let mut alternatives = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if notes.is_exhausted() {
            break;
        }
        let at = at.index(index);
        let Value::Object(members) = item else {
            notes.wrong_type(&at, "a security requirement");
            continue;
        };
        let mut together = Vec::new();
        for name in members.keys() {
            let scheme = schemes.iter().find(|scheme| scheme.name == *name);
            let protection = match scheme {
                Some(scheme) => scheme.protection.clone(),
                None if name == NO_AUTHORIZER => Protection::Open,
                None => {
                    notes.problem(&at, ProblemKind::UndefinedScheme(name.clone()));
                    Protection::Unknown
                }
            };
            notes.charge(128 + schemes.len());
            together.push(SchemeUse {
                name: notes.copy(name),
                scopes: notes.texts(members, name, &at),
                protection,
            });
        }
        alternatives.push(together);
    }
    alternatives
}

/// The protection to show: an authorizer before what is unknown, and that before an API key.
fn main_protection(alternatives: &[Vec<SchemeUse>]) -> Protection {
    let rank = |protection: &Protection| match protection {
        Protection::Open => 3,
        Protection::ApiKey(_) => 2,
        Protection::Unknown => 1,
        Protection::Iam
        | Protection::CognitoUserPool
        | Protection::LambdaAuthorizer(_)
        | Protection::Jwt
        | Protection::Http(_)
        | Protection::OAuth2
        | Protection::OpenIdConnect => 0,
    };
    let all = alternatives.iter().flatten().map(|used| &used.protection);
    all.min_by_key(|protection| rank(protection))
        .cloned()
        .unwrap_or(Protection::Open)
}
