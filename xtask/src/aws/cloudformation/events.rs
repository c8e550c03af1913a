//! The events of a stack that explain why a deployment failed.

use std::fmt::Write as _;

use anyhow::Result;

use super::{STACK, inside};

/// What happened to one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// The id of the stack.
    pub(crate) stack_id: String,
    /// The resource's logical id.
    pub(crate) resource: String,
    /// Its physical id; empty before it has one.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: String,
    /// What it is in since then.
    pub(crate) status: String,
    /// Why.
    pub(crate) reason: Option<String>,
}

/// One resource that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its logical id, with the parts that it lies in before it.
    resource: String,
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
    fn read(event: &Event) -> Option<Self> {
        let reason = event.reason.as_deref().unwrap_or("no reason given");
        let is_cause =
            event.status.ends_with("_FAILED") && !reason.to_lowercase().contains(CANCELLED);
        is_cause.then(|| Self {
            resource: event.resource.clone(),
            kind: event.kind.clone(),
            status: event.status.clone(),
            reason: reason.to_owned(),
            id: event.id.clone(),
        })
    }

    /// The nested stack that it is, whose own events have the cause.
    fn nested_stack(&self) -> Option<&str> {
        (self.kind == STACK && !self.id.is_empty()).then_some(&self.id)
    }
}

/// Whether `event` is the first one of the latest thing that was done to its stack.
pub(crate) fn begins_operation(event: &Event) -> bool {
    is_of_stack_itself(event)
        && ["CREATE", "UPDATE", "DELETE"]
            .iter()
            .any(|what| event.status == format!("{what}_IN_PROGRESS"))
}

fn is_of_stack_itself(event: &Event) -> bool {
    !event.id.is_empty() && event.id == event.stack_id
}

/// The failures among `events`, which come newest first; the first cause is the first of them.
fn failures(events: &[Event]) -> Vec<Failure> {
    events
        .iter()
        .rev()
        .filter(|event| !is_of_stack_itself(event))
        .filter_map(Failure::read)
        .collect()
}

/// The failures in the stack `id` and in the parts nested in it. `events_of` answers the events of one of them, newest first.
///
/// # Errors
/// When events cannot be read.
pub(crate) async fn all_failures(
    id: &str,
    events_of: impl AsyncFn(&str) -> Result<Vec<Event>>,
) -> Result<Vec<Failure>> {
    let mut all = Vec::new();
    let mut stacks = vec![(String::new(), id.to_owned())];
    while let Some((part, id)) = stacks.pop() {
        for mut failure in failures(&events_of(&id).await?) {
            failure.resource = inside(&part, &failure.resource);
            if let Some(nested) = failure.nested_stack() {
                stacks.push((failure.resource.clone(), nested.to_owned()));
            }
            all.push(failure);
        }
    }
    Ok(all)
}

/// The event in one line, for the progress display.
pub(crate) fn progress(event: &Event) -> String {
    format!("{} {}", event.resource, event.status)
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
    use super::*;

    fn event(resource: &str, status: &str, reason: &str) -> Event {
        Event {
            stack_id: "id".to_owned(),
            resource: resource.to_owned(),
            id: if resource == "demo" { "id" } else { "x" }.to_owned(),
            kind: "AWS::ApiGateway::Method".to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
        }
    }

    #[test]
    fn lists_the_first_cause_first_and_leaves_out_what_was_cancelled() {
        let newest_first = [
            event("demo", "ROLLBACK_FAILED", "failed: [Method]"),
            event("Other", "CREATE_FAILED", "Resource creation cancelled"),
            event("Stage", "CREATE_FAILED", "no deployment"),
            event("Method", "CREATE_FAILED", "unknown authorizer"),
            event("Role", "CREATE_COMPLETE", ""),
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
        assert!(begins("demo", "UPDATE_IN_PROGRESS"));
        assert!(begins("demo", "CREATE_IN_PROGRESS"));
        assert!(!begins("demo", "UPDATE_ROLLBACK_IN_PROGRESS"));
        assert!(!begins("Role", "UPDATE_IN_PROGRESS"));
    }

    #[tokio::test]
    async fn a_nested_stack_that_failed_has_the_cause_in_events_of_its_own() {
        let events_of = async |id: &str| {
            Ok(match id {
                "outer" => vec![Event {
                    kind: STACK.to_owned(),
                    id: "nested".to_owned(),
                    ..event("Ingestion", "CREATE_FAILED", "a resource failed")
                }],
                "nested" => vec![event("Method", "CREATE_FAILED", "unknown authorizer")],
                _ => Vec::new(),
            })
        };
        let failures = all_failures("outer", events_of).await.unwrap();
        let failures: Vec<_> = failures
            .iter()
            .map(|f| (&*f.resource, &*f.reason))
            .collect();
        assert_eq!(
            failures,
            [
                ("Ingestion", "a resource failed"),
                ("Ingestion/Method", "unknown authorizer")
            ]
        );
    }
}
