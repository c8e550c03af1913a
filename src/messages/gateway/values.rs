//! The values of one refused call, beside the words that are the same for all.

use super::super::MessageContext;
use super::super::time::{clock_error, duration};
use velvet_rope::{Answer, Denial, DenialReason, Refusal, Route, RouteAuth, Timestamp};

/// A value with its name.
type Value = (&'static str, String);

/// What was seen of a refused call, as far as it helps to find the cause. Never a secret.
pub(super) fn values(
    answer: &Answer,
    refusal: &Refusal,
    route: &Route,
    context: &MessageContext,
    now: Timestamp,
) -> Vec<Value> {
    let request = (
        "Request",
        [route.method.as_str(), " ", &context.api, &route.path].concat(),
    );
    let signed_for = (
        "Signed for",
        ["region ", &context.region, ", service ", &context.service].concat(),
    );
    match refusal {
        Refusal::NoSuchRouteOrUnsigned
        | Refusal::NotFound
        | Refusal::UnsupportedMediaType
        | Refusal::BadRequest
        | Refusal::TooLarge => vec![request],
        Refusal::IncompleteSignature => vec![request, ("Authorization sent", sent(route.auth))],
        Refusal::SignatureMismatch => vec![request, signed_for],
        Refusal::WrongScope => vec![signed_for],
        Refusal::InvalidSecurityToken | Refusal::ExpiredSecurityToken => {
            let pool = ("Identity pool", context.identity_pool.clone());
            vec![pool, ("API", context.api.clone())]
        }
        Refusal::SignatureExpired { server_time }
        | Refusal::SignatureNotYetCurrent { server_time } => clock(*server_time, context, now),
        Refusal::AccessDenied => denied(answer.denial(), request),
        Refusal::AuthorizerDenied | Refusal::Unauthorized => token(answer, route, context),
        Refusal::ApiKey => vec![("api.key", context.api_key.clone()), request],
        Refusal::Throttled | Refusal::QuotaExceeded => limits(answer, context),
        Refusal::Forbidden
        | Refusal::IntegrationFailed
        | Refusal::IntegrationTimedOut
        | Refusal::ServerFailed => {
            let id = answer.request_id.clone();
            let id = id.map(|id| ("Request id", id));
            [Some(request), id].into_iter().flatten().collect()
        }
    }
}

fn denied(denial: Option<Denial>, request: Value) -> Vec<Value> {
    let Some(denial) = denial else {
        return vec![request];
    };
    let (DenialReason::NotAllowed { policy } | DenialReason::Forbidden { policy }) = denial.reason;
    let values = [
        denial.role.map(|role| ("Role", role)),
        Some(("Caller", denial.caller)),
        Some(("Resource", denial.resource)),
        policy.map(|policy| ("Policy", policy)),
    ];
    values.into_iter().flatten().collect()
}

fn clock(server_time: Option<Timestamp>, context: &MessageContext, now: Timestamp) -> Vec<Value> {
    let mut values = Vec::new();
    if let Some(server) = server_time {
        let (seconds, direction) = match server.seconds_from(now) {
            seconds @ 0.. => (seconds, " behind the gateway"),
            seconds => (seconds, " ahead of the gateway"),
        };
        let text = duration(seconds.unsigned_abs()) + direction;
        values.push(("Clock of this device", text));
    }
    if let Some(error) = clock_error(context.clock_offset_seconds) {
        values.push(("Corrected by the app", error));
    }
    values
}

fn token(answer: &Answer, route: &Route, context: &MessageContext) -> Vec<Value> {
    let mut values = vec![("Authorization sent", sent(route.auth))];
    if route.auth == RouteAuth::Bearer {
        values.push(("Issuer", context.user_pool.clone()));
        values.push(("App client", context.client_id.clone()));
    }
    // The JWT authorizer of an HTTP API says there what is wrong with the token (RFC 6750, section 3).
    if let Some(challenge) = answer.header("www-authenticate") {
        values.push(("WWW-Authenticate", challenge.to_owned()));
    }
    values
}

fn limits(answer: &Answer, context: &MessageContext) -> Vec<Value> {
    let wait = answer.header("retry-after").map(str::to_owned);
    let values = [
        Some(("api.key", context.api_key.clone())),
        Some(("Sent", answer.attempts.to_string() + " times")).filter(|_| answer.attempts > 1),
        wait.map(|wait| ("Retry-After", wait)),
    ];
    values.into_iter().flatten().collect()
}

fn sent(auth: RouteAuth) -> String {
    let what = match auth {
        RouteAuth::Open => "no token and no signature of the app",
        RouteAuth::Iam => "a signature",
        RouteAuth::Bearer => "an access token",
    };
    what.to_owned()
}
