//! The values in the message of `ACCESS_DENIED`: who may not call what.

use super::read_message;

/// Who may not call what, as the message of a [`Refusal::AccessDenied`](super::Refusal::AccessDenied) says.
///
/// The API behind the gateway can write such a message too: show these values, and decide nothing by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The caller: the ARN of the assumed role with its session, or `anonymous` for a request without a signature.
    pub caller: String,
    /// The name of the role, if the caller assumed one.
    pub role: Option<String>,
    /// What the caller may not do, `execute-api:Invoke`.
    pub action: String,
    /// The ARN of the route with stage, method and path. The gateway hides all but the last four digits of the account.
    pub resource: String,
    /// Why.
    pub reason: DenialReason,
}

/// Why a call is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DenialReason {
    /// No policy of this kind allows it, such as `identity-based policy`; `None` where the message does not say which.
    NotAllowed {
        /// The kind of policy.
        policy: Option<String>,
    },
    /// A policy of this kind forbids it, such as `resource-based policy`; `None` where the message does not say which.
    Forbidden {
        /// The kind of policy.
        policy: Option<String>,
    },
}

/// Reads the values from the body of an answer, if its message names them.
///
/// ```
/// use velvet_rope::gateway::refusal::read_denial;
///
/// let body = r#"{"Message":"User: arn:aws:sts::111122223333:assumed-role/Guests/Session is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:abc/prod/GET/items"}"#;
/// let denial = read_denial(body).unwrap();
/// assert_eq!(denial.role.as_deref(), Some("Guests"));
/// assert_eq!(denial.resource, "arn:aws:execute-api:eu-west-1:********3333:abc/prod/GET/items");
/// ```
#[must_use]
pub fn read_denial(body: &str) -> Option<Denial> {
    let message = read_message(body);
    let (caller, rest) = message
        .strip_prefix("User: ")?
        .split_once(" is not authorized to perform: ")?;
    let (action, rest) = rest.split_once(" on resource: ")?;
    let (resource, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(Denial {
        caller: caller.to_owned(),
        role: role_of(caller).map(str::to_owned),
        action: action.to_owned(),
        resource: resource.to_owned(),
        reason: read_reason(reason),
    })
}

/// The role in `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION`.
fn role_of(caller: &str) -> Option<&str> {
    let assumed = caller.split(':').nth(5)?.strip_prefix("assumed-role/")?;
    Some(assumed.rsplit_once('/').map_or(assumed, |(role, _)| role))
}

/// `because no identity-based policy allows the execute-api:Invoke action`, or
/// `with an explicit deny in a resource-based policy`.
fn read_reason(text: &str) -> DenialReason {
    let kind = |text: &str| Some(text.trim().to_owned()).filter(|kind| !kind.is_empty());
    if let Some((_, policy)) = text.split_once("with an explicit deny") {
        let policy = policy.trim_start();
        let policy = ["in an ", "in a "]
            .iter()
            .find_map(|before| policy.strip_prefix(before));
        return DenialReason::Forbidden {
            policy: policy.and_then(kind),
        };
    }
    let policy = text.strip_prefix("because no ");
    let policy = policy.and_then(|policy| policy.split_once(" allows "));
    DenialReason::NotAllowed {
        policy: policy.and_then(|(policy, _)| kind(policy)),
    }
}
