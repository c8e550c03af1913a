//! Messages for calls that the gateway refuses, and for requests that cannot be signed.

use super::time::duration;
use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::{Refusal, RequestError, Route, RouteAuth, SigningError, Timestamp};

/// A refusal as a message. `now` is this device's time.
pub(crate) fn describe_refusal(
    refusal: &Refusal,
    route: &Route,
    context: &MessageContext,
    now: Timestamp,
) -> Message {
    use SuggestedAction::{None, Retry};
    match refusal {
        Refusal::NoSuchRouteOrUnsigned => no_such_route(route, context),
        Refusal::IncompleteSignature => signature_expected(route, context),
        Refusal::InvalidSecurityToken => invalid_credentials(),
        Refusal::ExpiredSecurityToken => expired_credentials(),
        Refusal::SignatureExpired { server_time } => clock("behind", *server_time, now),
        Refusal::SignatureNotYetCurrent { server_time } => clock("ahead", *server_time, now),
        Refusal::WrongScope => wrong_scope(context),
        Refusal::SignatureMismatch => signature_mismatch(),
        Refusal::AccessDenied => access_denied(route, context),
        Refusal::AuthorizerDenied => authorizer_denied(),
        Refusal::Unauthorized => unauthorized(),
        Refusal::ApiKey => api_key(context),
        Refusal::Throttled => throttled(),
        Refusal::QuotaExceeded => quota_exceeded(),
        Refusal::NotFound => Message::new("The API has no such resource", "It answered 404.", None),
        Refusal::TooLarge => Message::new(
            "The request is too large",
            "API Gateway accepts at most 10 MB.",
            None,
        ),
        Refusal::UnsupportedMediaType => Message::new(
            "The API does not accept this content type",
            "It answered 415.",
            None,
        ),
        Refusal::BadRequest => Message::new(
            "The API did not accept the request",
            "Its answer is below.",
            None,
        ),
        Refusal::Forbidden => Message::new(
            "The call was refused",
            "The answer of the API is below.",
            None,
        ),
        Refusal::IntegrationFailed => Message::new(
            "The function behind the API failed",
            "API Gateway got no usable answer from it. Its log has the cause.",
            Retry,
        ),
        Refusal::IntegrationTimedOut => Message::new(
            "The function behind the API took too long",
            "API Gateway gave up waiting for it.",
            Retry,
        ),
        Refusal::ServerFailed => Message::new(
            "The API had an internal error",
            "Search its log for the request id.",
            Retry,
        ),
    }
}

/// Why a request could not be signed, as a message.
pub(super) fn describe_signing_error(error: SigningError) -> Message {
    match error {
        SigningError::Unavailable => Message::new(
            "The module that signs requests could not be loaded",
            "This site serves it as signer.js, apart from the page.",
            SuggestedAction::Retry,
        )
        .fix("Serve signer.js and signer_bg.wasm from the same release as index.html."),
        SigningError::Invalid => Message::new(
            "The request could not be signed",
            "Its address or one of its headers is not valid.",
            SuggestedAction::None,
        )
        .fix("Check api.base_url, api.key and the route's path in config.json."),
    }
}

pub(super) fn request(error: &RequestError) -> Message {
    Message::new(
        "The request is not valid",
        format!("It was not sent: {error}."),
        SuggestedAction::None,
    )
}

pub(super) fn cancelled() -> Message {
    Message::new(
        "The call was cancelled",
        "The page ended the call before the answer came.",
        SuggestedAction::Retry,
    )
}

fn no_such_route(route: &Route, context: &MessageContext) -> Message {
    let fix = route_fix(route, context);
    match route.auth {
        RouteAuth::Iam => Message::new(
            "The API has no such route",
            "API Gateway says “Missing Authentication Token”, which means for a signed call: no such path or method.",
            SuggestedAction::None,
        )
        .fix(fix),
        RouteAuth::Open | RouteAuth::Bearer => Message::new(
            "No such route, or it requires a signature",
            "API Gateway says “Missing Authentication Token”: this path and method do not exist, or are protected by \
             AWS_IAM.",
            SuggestedAction::None,
        )
        .fix(fix + " If the route is protected by AWS_IAM, set its auth to \"iam\"."),
    }
}

fn signature_expected(route: &Route, context: &MessageContext) -> Message {
    Message::new(
        "The gateway expected a signature",
        "It read the Authorization header as Signature Version 4: the route is protected by AWS_IAM, or does not exist.",
        SuggestedAction::None,
    )
    .fix(route_fix(route, context))
}

fn invalid_credentials() -> Message {
    Message::new(
        "The gateway does not know your credentials",
        "The access key or the session token is not valid for this account.",
        SuggestedAction::Retry,
    )
    .fix("Check that identity pool and API are in the same AWS partition, and that no proxy changes headers.")
}

fn expired_credentials() -> Message {
    Message::new(
        "Your credentials have expired",
        "The app fetched new ones, which were refused as well.",
        SuggestedAction::SignIn,
    )
}

fn wrong_scope(context: &MessageContext) -> Message {
    Message::new(
        "The request was signed for another region or service",
        "The gateway expected others.",
        SuggestedAction::None,
    )
    .fix(format!(
        "Set api.region (now {}) and api.service (now {}) in config.json; behind a custom domain neither can be read from \
         the address.",
        context.region, context.service
    ))
}

fn signature_mismatch() -> Message {
    Message::new(
        "The signature does not match",
        "The request that the gateway received differs from the signed one.",
        SuggestedAction::None,
    )
    .fix(
        "Look for a proxy or a custom domain that changes host, path or headers: api.base_url must be the address that the \
         gateway itself sees.",
    )
}

fn access_denied(route: &Route, context: &MessageContext) -> Message {
    Message::new(
        "Your role may not call this route",
        "The signature is valid, but no policy of your role allows the call.",
        SuggestedAction::None,
    )
    .fix(format!(
        "Add execute-api:Invoke for arn:aws:execute-api:{}:<account>:<api>/<stage>/{}{} to the identity pool's \
         authenticated role.",
        context.region,
        route.method.as_str(),
        route.path
    ))
}

fn authorizer_denied() -> Message {
    Message::new(
        "The authorizer denied access",
        "Your token is valid, but it does not open this route.",
        SuggestedAction::None,
    )
    .fix("Check the policy that the route's Lambda authorizer returns for your scopes.")
}

fn unauthorized() -> Message {
    Message::new(
        "The authorizer does not accept the token",
        "It does not know the token, or there was none.",
        SuggestedAction::SignIn,
    )
    .fix(
        "If signing in again does not help, the authorizer does not trust this issuer, client or audience: see \
         AuthorizerIssuers and OidcAudience of the template, and oidc.audience in config.json.",
    )
}

fn api_key(context: &MessageContext) -> Message {
    let fix = "Check api.key in config.json, and that its usage plan covers the stage of ";
    Message::new(
        "The API key is not accepted",
        "It is missing, unknown, disabled, or not in a usage plan of this stage.",
        SuggestedAction::None,
    )
    .fix([fix, &context.api, "."].concat())
}

fn throttled() -> Message {
    Message::new(
        "Too many calls at once",
        "The rate or burst limit of the usage plan is reached. Wait a second and call again.",
        SuggestedAction::Retry,
    )
}

fn quota_exceeded() -> Message {
    Message::new(
        "The quota is used up",
        "The usage plan allows no more calls in this period.",
        SuggestedAction::None,
    )
    .fix("Raise the quota of the API key's usage plan, or wait until its period ends.")
}

fn route_fix(route: &Route, context: &MessageContext) -> String {
    format!(
        "Check that {} {} exists in the deployed stage at {}, and deploy the API again after changes.",
        route.method.as_str(),
        route.path,
        context.api
    )
}

fn clock(direction: &str, server_time: Option<Timestamp>, now: Timestamp) -> Message {
    let seconds = server_time.map(|server| now.since(server).max(server.since(now)).as_secs());
    let detail = match seconds {
        Some(seconds) => format!(
            "It is {} {direction}; AWS accepts signatures within five minutes.",
            duration(seconds)
        ),
        None => return unconfirmed_clock(direction),
    };
    Message::new(
        "This device's clock is wrong",
        detail,
        SuggestedAction::Retry,
    )
    .fix("Set date and time of this device to automatic.")
}

/// The API itself may have written such an answer, so it does not correct the clock.
fn unconfirmed_clock(direction: &str) -> Message {
    Message::new(
        "This device's clock may be wrong",
        format!(
            "The answer says that it is more than five minutes {direction}. The app cannot verify that API Gateway says \
             so, because the header x-amzn-errortype is missing or hidden by CORS."
        ),
        SuggestedAction::Retry,
    )
    .fix(
        "Set date and time of this device to automatic. For the API, add x-amzn-errortype and Date to \
         Access-Control-Expose-Headers of the gateway responses: the app then corrects the time by itself.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::gateway::refusal::read_refusal;
    use velvet_rope::{HttpResponse, Method, parse_config};

    /// The messages in the table of `docs/troubleshooting.md`, row by row.
    fn documented() -> Vec<Vec<String>> {
        let docs = include_str!("../../docs/troubleshooting.md");
        let (_, section) = docs
            .split_once("| Message starts with | Cause | Change |")
            .unwrap();
        let rows = section
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let messages = |row: &str| {
            let first = row.split('|').nth(1).unwrap();
            first
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        rows.map(messages).collect()
    }

    #[test]
    fn each_message_in_the_documentation_has_an_explanation_of_its_own() {
        let config = parse_config(include_str!("../../public/config.example.json")).unwrap();
        let context = MessageContext::new(&config, "https://app.example.com");
        let route = Route {
            name: "Orders".into(),
            method: Method::Get,
            path: "/orders".into(),
            auth: RouteAuth::Iam,
        };
        let explain = |message: &str| {
            let body = serde_json::json!({ "message": message }).to_string();
            let refusal = read_refusal(&HttpResponse::new(403, Vec::new(), body));
            assert_ne!(refusal, Refusal::Forbidden, "{message}");
            describe_refusal(&refusal, &route, &context, Timestamp(0))
        };
        let mut titles = Vec::new();
        for row in documented() {
            let explained: Vec<Message> = row
                .iter()
                // As AWS goes on after the words in the table.
                .map(|start| {
                    explain(
                        &[&start.replace('…', "arn:aws:sts::1:role"), ": 1"]
                            .concat()
                            .replace("Forbidden: 1", "Forbidden"),
                    )
                })
                .collect();
            assert!(
                explained.windows(2).all(|pair| pair[0] == pair[1]),
                "{row:?}"
            );
            let message = explained.first().unwrap();
            assert!(!message.detail.is_empty(), "{row:?}");
            titles.push((message.title.clone(), message.detail.clone()));
        }
        assert_eq!(titles.len(), 11);
        titles.sort();
        titles.dedup();
        assert_eq!(
            titles.len(),
            11,
            "two rows have the same explanation: {titles:?}"
        );
    }
}
