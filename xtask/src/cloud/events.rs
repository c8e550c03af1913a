//! The events of a stack, as far as they tell why a deployment failed.

use std::fmt::Write as _;

use aws_sdk_cloudformation::types::StackEvent;

/// One resource that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    resource: String,
    kind: String,
    status: String,
    reason: String,
}

/// What is said of the resources that were merely stopped because another one failed.
const CANCELLED: &str = "cancelled";

impl Failure {
    /// The failure that an event tells of, if it tells of one.
    fn read(event: &StackEvent) -> Option<Self> {
        let status = event.resource_status()?.as_str();
        let reason = event.resource_status_reason().unwrap_or("no reason given");
        (status.ends_with("_FAILED") && !reason.to_lowercase().contains(CANCELLED)).then(|| Self {
            resource: event.logical_resource_id().unwrap_or("?").to_owned(),
            kind: event.resource_type().unwrap_or("?").to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
        })
    }
}

/// The failures among `events`, which come newest first; the first cause is the first of them.
pub(crate) fn failures(events: &[StackEvent]) -> Vec<Failure> {
    events.iter().rev().filter_map(Failure::read).collect()
}

/// Says why the deployment of `stack` ended in `status`.
pub(crate) fn rollback_message(stack: &str, status: &str, failures: &[Failure]) -> String {
    let mut text = format!("the deployment of the stack {stack} ended as {status}");
    if failures.is_empty() {
        text.push_str("; its events name no failed resource");
    }
    for Failure {
        resource,
        kind,
        status,
        reason,
    } in failures
    {
        text.push_str("\n      ");
        let _ = write!(text, "{resource} ({kind}) {status}: {reason}");
    }
    text
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::ResourceStatus;

    use super::*;

    fn event(resource: &str, status: ResourceStatus, reason: &str) -> StackEvent {
        StackEvent::builder()
            .stack_id("id")
            .event_id(resource)
            .stack_name("demo")
            .timestamp(aws_sdk_cloudformation::primitives::DateTime::from_secs(0))
            .logical_resource_id(resource)
            .resource_type("AWS::ApiGateway::Method")
            .resource_status(status)
            .resource_status_reason(reason)
            .build()
    }

    #[test]
    fn tells_the_first_cause_first_and_leaves_out_what_was_only_cancelled() {
        let newest_first = [
            event(
                "Stack",
                ResourceStatus::RollbackInProgress,
                "failed to create: [Method]",
            ),
            event(
                "Other",
                ResourceStatus::CreateFailed,
                "Resource creation cancelled",
            ),
            event("Stage", ResourceStatus::CreateFailed, "no deployment"),
            event("Method", ResourceStatus::CreateFailed, "unknown authorizer"),
            event("Role", ResourceStatus::CreateComplete, ""),
        ];
        let text = rollback_message("demo", "ROLLBACK_COMPLETE", &failures(&newest_first));
        assert_eq!(
            text,
            "the deployment of the stack demo ended as ROLLBACK_COMPLETE\n      \
             Method (AWS::ApiGateway::Method) CREATE_FAILED: unknown authorizer\n      \
             Stage (AWS::ApiGateway::Method) CREATE_FAILED: no deployment"
        );
    }

    #[test]
    fn says_so_when_no_event_tells_why() {
        let text = rollback_message("demo", "ROLLBACK_FAILED", &[]);
        assert!(
            text.ends_with("its events name no failed resource"),
            "{text}"
        );
    }
}
