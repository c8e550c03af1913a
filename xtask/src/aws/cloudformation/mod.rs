//! Stacks: their parameters, change sets with the question before them, and their events.

#[cfg(feature = "aws")]
pub(crate) mod approval;
#[cfg(feature = "aws")]
pub(crate) mod change_set;
#[cfg(feature = "aws")]
pub(crate) mod changes;
pub(crate) mod events;
pub(crate) mod parameters;
#[cfg(feature = "aws")]
pub(crate) mod stack;
pub(crate) mod template;
#[cfg(feature = "aws")]
pub(crate) mod update;

/// The type of a nested stack.
pub(crate) const STACK: &str = "AWS::CloudFormation::Stack";

/// The name of a resource in a part.
pub(crate) fn inside(part: &str, resource: &str) -> String {
    if part.is_empty() {
        resource.to_owned()
    } else {
        format!("{part}/{resource}")
    }
}
