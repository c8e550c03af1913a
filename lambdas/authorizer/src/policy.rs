//! The answers that API Gateway accepts.
//!
//! The gateway caches a policy under the token and applies it to later requests of any route. So a policy lists every
//! route that the token may call, and does not depend on the requested route.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>

use serde_json::{Map, Value, json};

use crate::{
    settings::{HttpApiAnswer, Route},
    token::Bearer,
};

/// The routes of `routes` that `bearer` may call.
pub(crate) fn open_routes<'a>(routes: &'a [Route], bearer: &Bearer<'_>) -> Vec<&'a Route> {
    routes
        .iter()
        .filter(|route| {
            route
                .scopes
                .iter()
                .all(|scope| bearer.scopes.contains(&scope.as_str()))
        })
        .collect()
}

/// The policy that allows `bearer` to call the routes `open` at the stage, and nothing else.
pub(crate) fn allow(stage: &str, open: &[&Route], bearer: &Bearer<'_>) -> Value {
    let mut answer = if open.is_empty() {
        deny(stage)
    } else {
        let resources: Vec<_> = open
            .iter()
            .map(|route| format!("{stage}/{}{}", route.method, route.path))
            .collect();
        policy("Allow", &resources)
    };
    answer["principalId"] = json!(bearer.subject);
    answer["context"] = context(bearer);
    answer
}

/// The policy that denies all calls at the stage.
pub(crate) fn deny(stage: &str) -> Value {
    let mut answer = policy("Deny", &[format!("{stage}/*")]);
    answer["principalId"] = json!("anonymous");
    answer
}

fn policy(effect: &str, resources: &[String]) -> Value {
    json!({
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": effect,
                "Action": "execute-api:Invoke",
                "Resource": resources,
            }],
        },
    })
}

/// The refusal of a token at an HTTP API, in the configured format.
pub(crate) fn refuse(stage: &str, answer: HttpApiAnswer) -> Value {
    match answer {
        HttpApiAnswer::Simple => json!({ "isAuthorized": false }),
        HttpApiAnswer::Policy => deny(stage),
    }
}

/// The simple answer about one route. It has no principal, so the context contains the subject.
pub(crate) fn simple(is_open: bool, bearer: &Bearer<'_>) -> Value {
    let mut context = context(bearer);
    context["sub"] = json!(bearer.subject);
    json!({ "isAuthorized": is_open, "context": context })
}

/// What the function behind the route receives. A REST API accepts strings, numbers and booleans only.
fn context(bearer: &Bearer<'_>) -> Value {
    let mut context = Map::new();
    context.insert("scope".to_owned(), json!(bearer.scopes.join(" ")));
    context.insert("issuer".to_owned(), json!(bearer.issuer));
    if let Some(email) = bearer.email {
        context.insert("email".to_owned(), json!(email));
    }
    Value::Object(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/latest";

    fn route(method: &str, path: &str, scopes: &[&str]) -> Route {
        Route {
            method: method.to_owned(),
            path: path.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }
    }

    fn bearer<'a>(scopes: &[&'a str]) -> Bearer<'a> {
        Bearer {
            subject: "user-1",
            scopes: scopes.to_vec(),
            email: Some("user@example.com"),
            issuer: "https://issuer.example",
        }
    }

    fn resources(scopes: &[&str]) -> Value {
        let routes = [
            route("GET", "/free", &[]),
            route("GET", "/orders", &["orders:read"]),
            route("POST", "/orders", &["orders:read", "orders:write"]),
        ];
        let bearer = bearer(scopes);
        let answer = allow(STAGE, &open_routes(&routes, &bearer), &bearer);
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow");
        answer["policyDocument"]["Statement"][0]["Resource"].clone()
    }

    #[test]
    fn lists_every_route_that_the_scopes_open_and_no_other() {
        let free = format!("{STAGE}/GET/free");
        let read = format!("{STAGE}/GET/orders");
        let write = format!("{STAGE}/POST/orders");
        assert_eq!(resources(&[]), json!([free]));
        assert_eq!(resources(&["orders:write"]), json!([free]));
        assert_eq!(resources(&["orders:read", "x"]), json!([free, read]));
        assert_eq!(
            resources(&["orders:write", "orders:read"]),
            json!([free, read, write])
        );
    }

    #[test]
    fn a_token_that_opens_nothing_is_denied_everything() {
        // A policy without a statement is not valid.
        let answer = allow(STAGE, &[], &bearer(&[]));
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Deny");
        assert_eq!(statement["Resource"], json!([format!("{STAGE}/*")]));
    }

    #[test]
    fn the_principal_is_the_subject_and_the_context_has_strings() {
        let answer = allow(STAGE, &[&route("GET", "/free", &[])], &bearer(&["a", "b"]));
        assert_eq!(answer["principalId"], "user-1");
        assert_eq!(
            answer["context"],
            json!({
                "scope": "a b", "issuer": "https://issuer.example", "email": "user@example.com"
            })
        );
    }

    #[test]
    fn a_simple_answer_names_the_subject_in_the_context() {
        assert_eq!(simple(true, &bearer(&[]))["context"]["sub"], "user-1");
    }

    #[test]
    fn without_an_email_address_the_context_has_none() {
        let mut bearer = bearer(&[]);
        bearer.email = None;
        assert_eq!(simple(true, &bearer)["context"].get("email"), None);
    }
}
