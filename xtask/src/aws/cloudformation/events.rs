//! The events of a stack that explain why a deployment failed.

use std::fmt::Write as _;

use aws_sdk_cloudformation::types::StackEvent;

use super::changes::STACK;

/// One resource that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its logical id, with the parts that it lies in before it.
    pub(crate) resource: String,
    kind: String,
    status: String,
    reason: String,
    /// Its physical id.
    id: String,
}

/// The reason of resources that were stopped because another one failed.
const CANCELLED: &str = "cancelled";

impl Failure {
    /// The failure that an event reports, if it reports one.
    fn read(event: &StackEvent) -> Option<Self> {
        let status = event.resource_status()?.as_str();
        let reason = event.resource_status_reason().unwrap_or("no reason given");
        (status.ends_with("_FAILED") && !reason.to_lowercase().contains(CANCELLED)).then(|| Self {
            resource: event.logical_resource_id().unwrap_or("?").to_owned(),
            kind: event.resource_type().unwrap_or("?").to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            id: event.physical_resource_id().unwrap_or_default().to_owned(),
        })
    }

    /// The nested stack that it is, whose own events have the cause.
    pub(crate) fn nested_stack(&self) -> Option<&str> {
        (self.kind == STACK && !self.id.is_empty()).then_some(&self.id)
    }
}

/// Whether `event` is the first one of the latest thing that was done to its stack.
pub(crate) fn begins_operation(event: &StackEvent) -> bool {
    is_of_stack_itself(event)
        && event.resource_status().is_some_and(|status| {
            ["CREATE", "UPDATE", "DELETE"]
                .iter()
                .any(|what| status.as_str() == format!("{what}_IN_PROGRESS"))
        })
}

fn is_of_stack_itself(event: &StackEvent) -> bool {
    event.physical_resource_id().is_some() && event.physical_resource_id() == event.stack_id()
}

/// The failures among `events`, which come newest first; the first cause is the first of them.
pub(crate) fn failures(events: &[StackEvent]) -> Vec<Failure> {
    events
        .iter()
        .rev()
        .filter(|event| !is_of_stack_itself(event))
        .filter_map(Failure::read)
        .collect()
}

/// The event in one line, for the progress display.
pub(crate) fn progress(event: &StackEvent) -> Option<String> {
    let (resource, status) = (event.logical_resource_id()?, event.resource_status()?);
    Some(format!("{resource} {}", status.as_str()))
}

/// Says why what was done to `stack` ended in `status`.
pub(crate) fn failure_message(stack: &str, status: &str, failures: &[Failure]) -> String {
    let mut text = format!("the operation on the stack {stack} ended as {status}");
    if failures.is_empty() {
        text.push_str("; its events name no failed resource");
    }
    for Failure {
        resource,
        kind,
        status,
        reason,
        ..
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
            .physical_resource_id(if resource == "demo" { "id" } else { "x" })
            .resource_type("AWS::ApiGateway::Method")
            .resource_status(status)
            .resource_status_reason(reason)
            .build()
    }

    #[test]
    fn lists_the_first_cause_first_and_leaves_out_what_was_cancelled() {
        let newest_first = [
            event("demo", ResourceStatus::RollbackFailed, "failed: [Method]"),
            event(
                "Other",
                ResourceStatus::CreateFailed,
                "Resource creation cancelled",
            ),
            event("Stage", ResourceStatus::CreateFailed, "no deployment"),
            event("Method", ResourceStatus::CreateFailed, "unknown authorizer"),
            event("Role", ResourceStatus::CreateComplete, ""),
        ];
        let text = failure_message("demo", "ROLLBACK_COMPLETE", &failures(&newest_first));
        assert_eq!(
            text,
            "the operation on the stack demo ended as ROLLBACK_COMPLETE\n      \
             Method (AWS::ApiGateway::Method) CREATE_FAILED: unknown authorizer\n      \
             Stage (AWS::ApiGateway::Method) CREATE_FAILED: no deployment"
        );
    }

    #[test]
    fn reports_that_no_event_names_a_cause() {
        let text = failure_message("demo", "ROLLBACK_FAILED", &[]);
        assert!(
            text.ends_with("its events name no failed resource"),
            "{text}"
        );
    }

    #[test]
    fn an_operation_begins_with_the_stack_itself() {
        let begins = |resource, status| begins_operation(&event(resource, status, ""));
        assert!(begins("demo", ResourceStatus::UpdateInProgress));
        assert!(begins("demo", ResourceStatus::CreateInProgress));
        assert!(!begins("demo", ResourceStatus::UpdateRollbackInProgress));
        assert!(!begins("Role", ResourceStatus::UpdateInProgress));
    }

    #[test]
    fn a_nested_stack_that_failed_has_events_of_its_own() {
        let nested = StackEvent::builder()
            .stack_id("id")
            .event_id("event")
            .stack_name("demo")
            .timestamp(aws_sdk_cloudformation::primitives::DateTime::from_secs(0))
            .logical_resource_id("Ingestion")
            .physical_resource_id("arn:nested")
            .resource_type(STACK)
            .resource_status(ResourceStatus::CreateFailed)
            .build();
        assert_eq!(failures(&[nested])[0].nested_stack(), Some("arn:nested"));
        let method = event("Method", ResourceStatus::CreateFailed, "");
        assert_eq!(failures(&[method])[0].nested_stack(), None);
    }
}
