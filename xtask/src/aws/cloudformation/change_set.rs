//! A change set: what CloudFormation would change.

use anyhow::{Context as _, Result, anyhow};
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, Parameter, ResourceChange,
};

use super::{changes::Change, inside, stack::StackClient};
use crate::{
    aws::connection::refusal::refusal,
    support::report::{self, Step},
};

/// What is asked of CloudFormation.
#[derive(Debug)]
pub(crate) struct Request {
    /// The template.
    pub(crate) template: Template,
    /// The values of its parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// Whether there is a stack already.
    pub(crate) kind: ChangeSetType,
}

/// A template, as CloudFormation gets it.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// Its text, without nested stacks and not larger than 51,200 bytes.
    Body(String),
    /// Where CloudFormation finds it.
    Url(String),
}

impl Template {
    fn body(&self) -> Option<String> {
        match self {
            Self::Body(text) => Some(text.clone()),
            Self::Url(_) => None,
        }
    }

    fn url(&self) -> Option<String> {
        match self {
            Self::Body(_) => None,
            Self::Url(url) => Some(url.clone()),
        }
    }
}

/// A change set that can be executed.
#[derive(Debug)]
pub(crate) struct ChangeSet {
    id: String,
    /// The stack, also while it is only planned.
    pub(crate) stack_id: String,
    kind: ChangeSetType,
    /// What it would change.
    pub(crate) changes: Vec<Change>,
}

/// How the making of a change set ended.
enum Made {
    Ready(Vec<Change>),
    NothingToChange,
    Failed(String),
}

impl ChangeSet {
    /// Has CloudFormation work out what would change; `None` when nothing would.
    ///
    /// # Errors
    /// When CloudFormation refuses the template or the parameters.
    pub(crate) async fn create(
        stack: &StackClient<'_>,
        request: &Request,
        step: &Step,
    ) -> Result<Option<Self>> {
        // Whether a nested part changes cannot always be told beforehand: where its parameters are not known yet, the
        // whole change set fails. The parts are then one line each, as they always were before nested change sets.
        // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/759
        let mut in_detail = matches!(request.template, Template::Url(_));
        loop {
            let (mut set, made) = Self::attempt(stack, request, in_detail, step).await?;
            match made {
                Made::Ready(changes) => {
                    set.changes = changes;
                    return Ok(Some(set));
                }
                Made::NothingToChange => {
                    set.discard(stack, step).await?;
                    return Ok(None);
                }
                Made::Failed(reason) if in_detail => {
                    report::line(format_args!(
                        "    CloudFormation cannot look into the nested parts beforehand ({reason}); \
                         each is one line below"
                    ));
                    set.discard(stack, step).await?;
                    in_detail = false;
                }
                Made::Failed(reason) => {
                    set.discard(stack, step).await?;
                    return Err(anyhow!(
                        "CloudFormation cannot deploy this to the stack {}: {reason}",
                        stack.name
                    ));
                }
            }
        }
    }

    async fn attempt(
        stack: &StackClient<'_>,
        request: &Request,
        in_detail: bool,
        step: &Step,
    ) -> Result<(Self, Made)> {
        let created = stack
            .client
            .create_change_set()
            .stack_name(&stack.name)
            .change_set_name(drawn_name()?)
            .change_set_type(request.kind.clone())
            .set_template_body(request.template.body())
            .set_template_url(request.template.url())
            .set_parameters(Some(request.parameters.clone()))
            .capabilities(Capability::CapabilityNamedIam)
            .include_nested_stacks(in_detail)
            .send()
            .await
            .map_err(|error| refusal("CloudFormation does not take the template", &error))?;
        let set = Self {
            id: created.id.context("the change set has no id")?,
            stack_id: created.stack_id.context("the change set has no stack")?,
            kind: request.kind.clone(),
            changes: Vec::new(),
        };
        let made = set.made(stack, step).await?;
        Ok((set, made))
    }

    /// Waits until it is made.
    async fn made(&self, stack: &StackClient<'_>, step: &Step) -> Result<Made> {
        let mut activity = step.activity();
        loop {
            let described = stack
                .client
                .describe_change_set()
                .change_set_name(&self.id)
                .send()
                .await
                .map_err(|error| refusal("could not look at the change set", &error))?;
            match described.status() {
                Some(ChangeSetStatus::CreateComplete) => break,
                Some(ChangeSetStatus::Failed) => {
                    let reason = described.status_reason().unwrap_or("no reason given");
                    return Ok(if is_nothing_to_change(reason) {
                        Made::NothingToChange
                    } else {
                        Made::Failed(reason.to_owned())
                    });
                }
                _ => {}
            }
            activity.update("CloudFormation works out what would change");
            tokio::time::sleep(stack.target.location.poll()).await;
        }
        Ok(Made::Ready(self.read(stack).await?))
    }

    /// All that it would change, in nested parts, too.
    async fn read(&self, stack: &StackClient<'_>) -> Result<Vec<Change>> {
        let mut all = Vec::new();
        let mut sets = vec![(String::new(), self.id.clone())];
        while let Some((part, id)) = sets.pop() {
            for change in resource_changes(stack, &id).await? {
                if let Some(nested) = change.change_set_id() {
                    let name = change.logical_resource_id().unwrap_or("?");
                    sets.push((inside(&part, name), nested.to_owned()));
                }
                all.push(Change::read(&part, &change));
            }
        }
        Ok(all)
    }

    /// Begins to do what it says.
    ///
    /// # Errors
    /// When CloudFormation refuses, because the stack has changed since.
    pub(crate) async fn execute(&self, stack: &StackClient<'_>) -> Result<()> {
        stack
            .client
            .execute_change_set()
            .change_set_name(&self.id)
            .send()
            .await
            .map_err(|error| refusal("could not execute the change set", &error))?;
        Ok(())
    }

    /// Leaves no trace of it, not even of a stack that was only planned.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn discard(&self, stack: &StackClient<'_>, step: &Step) -> Result<()> {
        self.delete(stack).await?;
        if self.kind == ChangeSetType::Create {
            stack.delete(&self.stack_id, step).await?;
        }
        Ok(())
    }

    /// Those of nested parts go with it, which takes a while.
    async fn delete(&self, stack: &StackClient<'_>) -> Result<()> {
        stack
            .client
            .delete_change_set()
            .change_set_name(&self.id)
            .send()
            .await
            .map_err(|error| refusal("could not delete the change set", &error))?;
        while self.is_being_deleted(stack).await {
            tokio::time::sleep(stack.target.location.poll()).await;
        }
        Ok(())
    }

    async fn is_being_deleted(&self, stack: &StackClient<'_>) -> bool {
        let request = stack.client.describe_change_set();
        let described = request.change_set_name(&self.id).send().await;
        // One that is gone is answered with an error.
        described.is_ok_and(|set| {
            matches!(
                set.status(),
                Some(ChangeSetStatus::DeletePending | ChangeSetStatus::DeleteInProgress)
            )
        })
    }
}

async fn resource_changes(stack: &StackClient<'_>, id: &str) -> Result<Vec<ResourceChange>> {
    let request = stack.client.describe_change_set().change_set_name(id);
    let mut pages = request.into_paginator().send();
    let mut changes = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusal("could not read the change set", &error))?;
        let page = page.changes.unwrap_or_default().into_iter();
        changes.extend(page.filter_map(|change| change.resource_change));
    }
    Ok(changes)
}

/// CloudFormation has no error code for this, only the message.
fn is_nothing_to_change(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// No two change sets of a stack may share a name.
fn drawn_name() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).context("could not draw a name")?;
    Ok(format!("deploy-{:016x}", u64::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_the_messages_for_nothing_to_change() {
        assert!(is_nothing_to_change(
            "The submitted information didn't contain changes. Submit different information to create a change set."
        ));
        assert!(is_nothing_to_change("No updates are to be performed."));
        assert!(!is_nothing_to_change("Parameter validation failed"));
    }

    #[test]
    fn no_two_change_sets_share_a_name() {
        assert_ne!(drawn_name().unwrap(), drawn_name().unwrap());
    }
}
