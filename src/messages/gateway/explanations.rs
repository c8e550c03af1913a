//! The words about a refusal that are the same for every call. The table in `docs/troubleshooting.md` is made from them.

use super::SuggestedAction;
use velvet_rope::{Denial, DenialReason, Refusal, RouteAuth};

/// What happened, why, what to change and where, and what the page can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Explanation {
    pub(super) title: &'static str,
    pub(super) detail: &'static str,
    pub(super) fix: &'static str,
    pub(super) suggested_action: SuggestedAction,
}

/// What a refusal means for a call with this protection.
pub(super) fn explain(
    refusal: &Refusal,
    auth: RouteAuth,
    denial: Option<&Denial>,
) -> &'static Explanation {
    match refusal {
        Refusal::NoSuchRouteOrUnsigned if auth == RouteAuth::Iam => &NO_SUCH_ROUTE,
        Refusal::NoSuchRouteOrUnsigned => &NO_SUCH_ROUTE_OR_UNSIGNED,
        Refusal::IncompleteSignature => &SIGNATURE_EXPECTED,
        Refusal::InvalidSecurityToken => &INVALID_CREDENTIALS,
        Refusal::ExpiredSecurityToken => &EXPIRED_CREDENTIALS,
        Refusal::SignatureExpired {
            server_time: Some(_),
        } => &CLOCK_BEHIND,
        Refusal::SignatureNotYetCurrent {
            server_time: Some(_),
        } => &CLOCK_AHEAD,
        Refusal::SignatureExpired { server_time: None } => &CLOCK_MAYBE_BEHIND,
        Refusal::SignatureNotYetCurrent { server_time: None } => &CLOCK_MAYBE_AHEAD,
        Refusal::WrongScope => &WRONG_SCOPE,
        Refusal::SignatureMismatch => &SIGNATURE_MISMATCH,
        Refusal::AccessDenied => match denial {
            Some(denial) if denial.caller == "anonymous" => &UNSIGNED_BY_RESOURCE_POLICY,
            Some(denial) if matches!(denial.reason, DenialReason::Forbidden { .. }) => {
                &FORBIDDEN_BY_POLICY
            }
            _ => &ACCESS_DENIED,
        },
        Refusal::AuthorizerDenied => &AUTHORIZER_DENIED,
        Refusal::Unauthorized => &UNAUTHORIZED,
        Refusal::ApiKey => &API_KEY,
        Refusal::Forbidden => &FORBIDDEN,
        Refusal::Throttled => &THROTTLED,
        Refusal::QuotaExceeded => &QUOTA_EXCEEDED,
        Refusal::NotFound => &NOT_FOUND,
        Refusal::TooLarge => &TOO_LARGE,
        Refusal::UnsupportedMediaType => &UNSUPPORTED_MEDIA_TYPE,
        Refusal::BadRequest => &BAD_REQUEST,
        Refusal::IntegrationFailed => &INTEGRATION_FAILED,
        Refusal::IntegrationTimedOut => &INTEGRATION_TIMED_OUT,
        Refusal::ServerFailed => &SERVER_FAILED,
    }
}

const NO_SUCH_ROUTE: Explanation = Explanation {
    title: "The API has no such route",
    detail: "“Missing Authentication Token” means for a signed call: there is no such path, or it does not have this method.",
    fix: "Check path and method of the route in config.json. After a change of the API, deploy its stage again: API Gateway, \
          Resources, Deploy API.",
    suggested_action: SuggestedAction::CheckSetup,
};

const NO_SUCH_ROUTE_OR_UNSIGNED: Explanation = Explanation {
    title: "No such route, or it requires a signature",
    detail: "“Missing Authentication Token” means for a call without a signature: this path and method do not exist, or are \
             protected by AWS_IAM.",
    fix: "Check path and method of the route in config.json, and deploy the stage again after changes. If the route is protected by \
          AWS_IAM, set its auth to \"iam\".",
    suggested_action: SuggestedAction::CheckSetup,
};

const SIGNATURE_EXPECTED: Explanation = Explanation {
    title: "The gateway expected a signature",
    detail: "It read the Authorization header as Signature Version 4: the route is protected by AWS_IAM, or does not exist.",
    fix: "Set the route's auth in config.json to \"iam\", or check its path and method. In the template, AuthorizationType of the \
          method says what protects it.",
    suggested_action: SuggestedAction::CheckSetup,
};

const INVALID_CREDENTIALS: Explanation = Explanation {
    title: "The gateway does not know your credentials",
    detail: "The access key or the session token is not valid, also after the app fetched new ones.",
    fix: "Check that identity_pool.id and api.base_url in config.json are of the same AWS partition, and that no proxy changes the \
          headers authorization and x-amz-security-token.",
    suggested_action: SuggestedAction::NewCredentials,
};

const EXPIRED_CREDENTIALS: Explanation = Explanation {
    title: "Your credentials have expired",
    detail: "The app fetched new ones, which were refused as well.",
    fix: "Sign in again. If that does not help, set date and time of this device to automatic.",
    suggested_action: SuggestedAction::SignIn,
};

const CLOCK_FIX: &str = "Set date and time of this device to automatic.";

const CLOCK_BEHIND: Explanation = Explanation {
    title: "This device's clock is wrong",
    detail: "It is more than five minutes behind, and AWS accepts signatures within five minutes.",
    fix: CLOCK_FIX,
    suggested_action: SuggestedAction::CorrectClock,
};

const CLOCK_AHEAD: Explanation = Explanation {
    detail: "It is more than five minutes ahead, and AWS accepts signatures within five minutes.",
    ..CLOCK_BEHIND
};

/// The API itself may have written such an answer, so it does not correct the clock.
const CLOCK_MAYBE_BEHIND: Explanation = Explanation {
    title: "This device's clock may be wrong",
    detail: "The answer says that it is more than five minutes behind. The app cannot verify that API Gateway says so, because the \
             header x-amzn-errortype is missing or hidden by CORS.",
    fix: "Set date and time of this device to automatic. For the API, add x-amzn-errortype and Date to \
          Access-Control-Expose-Headers of the gateway responses DEFAULT_4XX and DEFAULT_5XX: the app then corrects the time by itself.",
    suggested_action: SuggestedAction::CorrectClock,
};

const CLOCK_MAYBE_AHEAD: Explanation = Explanation {
    detail: "The answer says that it is more than five minutes ahead. The app cannot verify that API Gateway says so, because the \
             header x-amzn-errortype is missing or hidden by CORS.",
    ..CLOCK_MAYBE_BEHIND
};

const WRONG_SCOPE: Explanation = Explanation {
    title: "The request was signed for another region or service",
    detail: "The gateway expected others.",
    fix: "Set api.region and api.service in config.json to those of the API; behind a custom domain neither can be read from the \
          address.",
    suggested_action: SuggestedAction::CheckSetup,
};

const SIGNATURE_MISMATCH: Explanation = Explanation {
    title: "The signature does not match",
    detail: "The request that the gateway received differs from the signed one.",
    fix: "Look for a proxy or a custom domain that changes host, path, query or headers: api.base_url in config.json must be the \
          address that the gateway itself sees. The tab “Request” of the API console shows the first difference.",
    suggested_action: SuggestedAction::NewCredentials,
};

const ACCESS_DENIED: Explanation = Explanation {
    title: "Your role may not call this route",
    detail: "The signature is valid, but no policy of your role allows the call.",
    fix: "Allow execute-api:Invoke for this resource in the policy of the role: AuthenticatedRole in infra/access.yaml, or IAM, Roles. \
          If you were added to a group since, sign in again.",
    suggested_action: SuggestedAction::ChooseRole,
};

const FORBIDDEN_BY_POLICY: Explanation = Explanation {
    title: "A policy forbids this call",
    detail: "The signature is valid, but a policy denies the call explicitly, whatever other policies allow.",
    fix: "Remove or narrow the Deny statement: of the role in IAM, Roles, or of the API in API Gateway, Resource policy.",
    suggested_action: SuggestedAction::ChooseRole,
};

const UNSIGNED_BY_RESOURCE_POLICY: Explanation = Explanation {
    title: "The API's resource policy refuses calls without a signature",
    detail: "The call had no signature, and the resource policy of the API allows only known callers.",
    fix: "Set the route's auth in config.json to \"iam\", or allow the call in API Gateway, Resource policy, and deploy the stage \
          again.",
    suggested_action: SuggestedAction::CheckSetup,
};

const AUTHORIZER_DENIED: Explanation = Explanation {
    title: "The authorizer denied access",
    detail: "Your token is valid, but it does not open this route.",
    fix: "Check the policy that the route's Lambda authorizer returns, and the scopes that it demands: TokenRouteScopes and \
          RequestRouteScopes of the template.",
    suggested_action: SuggestedAction::None,
};

const UNAUTHORIZED: Explanation = Explanation {
    title: "The authorizer does not accept the token",
    detail: "It does not know the token, or there was none.",
    fix: "If signing in again does not help, the authorizer does not trust this issuer, client or audience: see AuthorizerIssuers \
          and OidcAudience of the template, and oidc.audience in config.json.",
    suggested_action: SuggestedAction::SignIn,
};

const API_KEY: Explanation = Explanation {
    title: "The API key is not accepted",
    detail: "It is missing, unknown, disabled, or not in a usage plan of this stage; or there is no such stage.",
    fix: "Set api.key in config.json to the key (ApiKeyValue of the template), and check that its usage plan covers the stage in \
          api.base_url: API Gateway, Usage plans.",
    suggested_action: SuggestedAction::None,
};

const FORBIDDEN: Explanation = Explanation {
    title: "The call was refused",
    detail: "The message is none of API Gateway, so the API behind it refused the call, or a firewall before it.",
    fix: "The answer of the API is below. Search the log of the API, and that of AWS WAF, for the request id.",
    suggested_action: SuggestedAction::None,
};

const THROTTLED: Explanation = Explanation {
    title: "Too many calls at once",
    detail: "The rate or burst limit of the usage plan or of the stage is reached. Wait a second and call again.",
    fix: "Raise UsageRate and UsageBurst, or RouteRate and RouteBurst, of the template: API Gateway, Usage plans.",
    suggested_action: SuggestedAction::Retry,
};

const QUOTA_EXCEEDED: Explanation = Explanation {
    title: "The quota is used up",
    detail: "The usage plan allows no more calls in this period.",
    fix: "Raise the quota of the API key's usage plan (UsageQuotaPerDay of the template), or wait until its period ends.",
    suggested_action: SuggestedAction::None,
};

const NOT_FOUND: Explanation = Explanation {
    title: "The API has no such resource",
    detail: "It answered 404. An HTTP API answers so to a path that it does not have.",
    fix: "Check path and parameters of the request.",
    suggested_action: SuggestedAction::None,
};

const TOO_LARGE: Explanation = Explanation {
    title: "The request is too large",
    detail: "API Gateway accepts at most 10 MB.",
    fix: "Let the browser upload larger files to S3, by a presigned address that the API returns.",
    suggested_action: SuggestedAction::None,
};

const UNSUPPORTED_MEDIA_TYPE: Explanation = Explanation {
    title: "The API does not accept this content type",
    detail: "It answered 415.",
    fix: "Send a content-type that the method takes: RequestTemplates and PassthroughBehavior of its integration.",
    suggested_action: SuggestedAction::None,
};

const BAD_REQUEST: Explanation = Explanation {
    title: "The API did not accept the request",
    detail: "Its answer is below.",
    fix: "Compare parameters, headers and body with the API description: the method's request validator refuses what does not fit.",
    suggested_action: SuggestedAction::None,
};

const INTEGRATION_FAILED: Explanation = Explanation {
    title: "The function behind the API failed",
    detail: "API Gateway got no usable answer from it. Its log has the cause.",
    fix: "Search CloudWatch, Log groups, for the log of the function. Its answer must have statusCode, and a body that is a text.",
    suggested_action: SuggestedAction::Retry,
};

const INTEGRATION_TIMED_OUT: Explanation = Explanation {
    title: "The function behind the API took too long",
    detail: "API Gateway gave up waiting for it, after 29 seconds unless TimeoutInMillis of the integration says otherwise.",
    fix: "Search the log of the function for “Task timed out”, and raise its Timeout and MemorySize.",
    suggested_action: SuggestedAction::Retry,
};

const SERVER_FAILED: Explanation = Explanation {
    title: "The API had an internal error",
    detail: "Search its log for the request id.",
    fix: "With AuthorizerConfigurationException, the authorizer failed: its log has the reason. Otherwise check that API Gateway may \
          invoke the function (AWS::Lambda::Permission).",
    suggested_action: SuggestedAction::Retry,
};
