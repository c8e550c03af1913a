//! Words for what a gateway refuses, which it says with 403 for a dozen causes.

use super::sign_in::duration;
use super::{Message, MessageContext, SuggestedAction};
use velvet_rope::{Refusal, Route, RouteAuth, Timestamp};

/// A refusal in words. `now` is this device's time.
pub(crate) fn describe_refusal(
    refusal: &Refusal,
    route: &Route,
    setting: &MessageContext,
    now: Timestamp,
) -> Message {
    let message =
        |title: &str, detail: &str, suggested_action| Message::new(title, detail, suggested_action);
    match refusal {
        Refusal::NoSuchRouteOrUnsigned
        | Refusal::IncompleteSignature
        | Refusal::InvalidSecurityToken
        | Refusal::ExpiredSecurityToken
        | Refusal::SignatureExpired { .. }
        | Refusal::SignatureNotYetCurrent { .. }
        | Refusal::WrongScope
        | Refusal::SignatureMismatch => describe_signature(refusal, route, setting, now),
        Refusal::AccessDenied => message(
            "Your role may not call this route",
            "The signature is right, but no policy of the role you were given allows the call.",
            SuggestedAction::None,
        )
        .fix(format!(
            "Add execute-api:Invoke for arn:aws:execute-api:{}:<account>:<api>/<stage>/{}{} to the identity pool's \
             authenticated role.",
            setting.region,
            route.method.as_str(),
            route.path
        )),
        Refusal::AuthorizerDenied => message(
            "The authorizer said no",
            "Your token is known, but it does not open this route.",
            SuggestedAction::None,
        )
        .fix("Look at the policy that the route's Lambda authorizer answers for your scopes."),
        Refusal::ApiKey => message(
            "The API key is not accepted",
            "It is missing, unknown, disabled, or not in a usage plan of this stage.",
            SuggestedAction::None,
        )
        .fix(format!("Check api.key in config.json, and that its usage plan covers the stage of {}.", setting.api)),
        Refusal::Unauthorized => {
            message("The authorizer wants another token", "It does not know the token, or there was none.", SuggestedAction::SignIn)
                .fix(
                    "If signing in again does not help, the authorizer does not trust this issuer, client or audience: see \
                     AuthorizerIssuers and OidcAudience of the template, and oidc.audience in config.json.",
                )
        }
        Refusal::Throttled => message(
            "Too many calls at once",
            "The usage plan's rate or burst limit is reached. Wait a second and call again.",
            SuggestedAction::Retry,
        ),
        Refusal::QuotaExceeded => message(
            "The quota is used up",
            "The usage plan allows no more calls in this period.",
            SuggestedAction::None,
        )
        .fix("Raise the quota of the API key's usage plan, or wait until its period ends."),
        other => describe_other(other),
    }
}

fn describe_signature(
    refusal: &Refusal,
    route: &Route,
    setting: &MessageContext,
    now: Timestamp,
) -> Message {
    let message =
        |title: &str, detail: &str, suggested_action| Message::new(title, detail, suggested_action);
    match refusal {
        Refusal::NoSuchRouteOrUnsigned if route.auth == RouteAuth::Iam => message(
            "The API has no such route",
            "API Gateway says “Missing Authentication Token”, which, to a signed call, means: no such path or method.",
            SuggestedAction::None,
        )
        .fix(route_fix(route, setting)),
        Refusal::NoSuchRouteOrUnsigned => message(
            "No such route, or it wants a signature",
            "API Gateway says “Missing Authentication Token”: this path and method do not exist, or are protected by \
             AWS_IAM.",
            SuggestedAction::None,
        )
        .fix(format!("{} If the route is protected by AWS_IAM, set its auth to \"iam\".", route_fix(route, setting))),
        Refusal::IncompleteSignature => message(
            "The gateway expected a signature",
            "It read the Authorization header as Signature Version 4: the route is protected by AWS_IAM, or does not exist.",
            SuggestedAction::None,
        )
        .fix(route_fix(route, setting)),
        Refusal::InvalidSecurityToken => message(
            "The gateway does not know your credentials",
            "The access key or the session token is not valid for this account.",
            SuggestedAction::Retry,
        )
        .fix("Check that identity pool and API are in the same AWS partition, and nothing on the way changes headers."),
        Refusal::ExpiredSecurityToken => {
            message("Your credentials have expired", "New ones were fetched and refused as well.", SuggestedAction::SignIn)
        }
        Refusal::SignatureExpired { server_time } => clock("behind", *server_time, now),
        Refusal::SignatureNotYetCurrent { server_time } => clock("ahead", *server_time, now),
        Refusal::WrongScope => {
            message("The request was signed for another region or service", "The gateway expected others.", SuggestedAction::None)
                .fix(format!(
                    "Set api.region (now {}) and api.service (now {}) in config.json; behind a custom domain neither can \
                     be read from the address.",
                    setting.region, setting.service
                ))
        }
        _ => message(
            "The signature does not match",
            "The gateway received something else than what was signed.",
            SuggestedAction::None,
        )
        .fix("Look for a proxy or a custom domain in between that changes host, path or headers: api.base_url must be \
              what the gateway itself sees."),
    }
}

fn describe_other(refusal: &Refusal) -> Message {
    let (title, detail, suggested_action) = match refusal {
        Refusal::NotFound => (
            "The API knows no such thing",
            "It answered 404.",
            SuggestedAction::None,
        ),
        Refusal::TooLarge => (
            "The request is too large",
            "API Gateway takes at most 10 MB.",
            SuggestedAction::None,
        ),
        Refusal::UnsupportedMediaType => (
            "The API does not take this content type",
            "It answered 415.",
            SuggestedAction::None,
        ),
        Refusal::BadRequest => (
            "The API did not accept the request",
            "What it says stands below.",
            SuggestedAction::None,
        ),
        Refusal::IntegrationFailed => (
            "The function behind the API failed",
            "API Gateway got no usable answer from it. Its log tells why.",
            SuggestedAction::Retry,
        ),
        Refusal::IntegrationTimedOut => (
            "The function behind the API took too long",
            "API Gateway gave up waiting for it.",
            SuggestedAction::Retry,
        ),
        Refusal::ServerFailed => (
            "The API has a problem of its own",
            "The request id finds it in the API's log.",
            SuggestedAction::Retry,
        ),
        _ => (
            "The call was refused",
            "What the API says stands below.",
            SuggestedAction::None,
        ),
    };
    Message::new(title, detail, suggested_action)
}

fn route_fix(route: &Route, setting: &MessageContext) -> String {
    format!(
        "Check that {} {} exists in the deployed stage at {}, and deploy the API again after changes.",
        route.method.as_str(),
        route.path,
        setting.api
    )
}

fn clock(direction: &str, server_time: Option<Timestamp>, now: Timestamp) -> Message {
    let seconds = server_time.map(|server| now.since(server).max(server.since(now)).as_secs());
    let detail = match seconds {
        Some(seconds) => format!(
            "It is {} {direction}; AWS takes signatures within five minutes.",
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

/// The API may have written the same words, so they are not enough to correct the clock.
fn unconfirmed_clock(direction: &str) -> Message {
    Message::new(
        "This device's clock may be wrong",
        format!(
            "The answer says that it is more than five minutes {direction}. This app cannot see whether API Gateway says \
             so, because the header x-amzn-errortype is missing or hidden by CORS."
        ),
        SuggestedAction::Retry,
    )
    .fix(
        "Set date and time of this device to automatic. For the API, add x-amzn-errortype and Date to \
         Access-Control-Expose-Headers of the gateway responses: the app then corrects the time by itself.",
    )
}
