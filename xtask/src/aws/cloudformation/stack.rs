//! A stack as CloudFormation keeps it: what it is in, what happens to it, how it goes.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, bail};
use aws_sdk_cloudformation::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{ResourceStatus, Stack, StackEvent},
};

use super::{
    STACK,
    events::{self, Event},
    inside,
};
use crate::{
    aws::connection::{refusal::refusal, target::Target},
    support::report::{Activity, Step},
};

const ENDS_WITHIN: Duration = Duration::from_hours(1);

/// A client for one stack of a target.
#[derive(Debug)]
pub(crate) struct StackClient<'a> {
    /// CloudFormation.
    pub(crate) client: Client,
    /// Where the stack is.
    pub(crate) target: &'a Target,
    /// Its name.
    pub(crate) name: String,
}

/// A resource of a stack or of a part nested in it.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Its logical id, with the parts that it lies in before it.
    pub(crate) name: String,
    /// Its type.
    pub(crate) kind: String,
    /// Whether it outlives the stack.
    pub(crate) is_retained: bool,
}

impl<'a> StackClient<'a> {
    /// For the stack `name`.
    pub(crate) fn new(target: &'a Target, name: &str) -> Self {
        Self {
            client: Client::new(&target.sdk_config),
            target,
            name: name.to_owned(),
        }
    }

    /// The stack, if there is one.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn describe(&self) -> Result<Option<Stack>> {
        self.describe_by(&self.name).await
    }

    async fn describe_by(&self, name_or_id: &str) -> Result<Option<Stack>> {
        match self
            .client
            .describe_stacks()
            .stack_name(name_or_id)
            .send()
            .await
        {
            Ok(found) => Ok(found.stacks.unwrap_or_default().into_iter().next()),
            Err(error)
                if error
                    .message()
                    .is_some_and(|m| m.contains("does not exist")) =>
            {
                Ok(None)
            }
            Err(error) => Err(refusal("could not look at the stack", &error)),
        }
    }

    /// Waits until nothing happens to the stack `id` any more, and shows the events meanwhile. `None`: it was deleted.
    ///
    /// # Errors
    /// When that takes longer than an hour.
    pub(crate) async fn settled(&self, id: &str, step: &Step) -> Result<Option<Stack>> {
        let started = Instant::now();
        let mut activity = step.activity();
        loop {
            let Some(stack) = self.describe_by(id).await? else {
                return Ok(None);
            };
            match status(&stack) {
                "DELETE_COMPLETE" => return Ok(None),
                settled if !settled.ends_with("_IN_PROGRESS") => return Ok(Some(stack)),
                _ => {}
            }
            if started.elapsed() > ENDS_WITHIN {
                bail!(
                    "the stack {} is still {} after {} min",
                    self.name,
                    status(&stack),
                    ENDS_WITHIN.as_secs() / 60
                );
            }
            self.show_progress(id, &mut activity).await;
            tokio::time::sleep(self.target.location.poll()).await;
        }
    }

    /// Shows the newest event. An error is ignored: the outcome is reported anyway.
    async fn show_progress(&self, id: &str, activity: &mut Activity) {
        let newest = self
            .client
            .describe_stack_events()
            .stack_name(id)
            .send()
            .await;
        let newest = newest.ok().and_then(|events| {
            let newest = events.stack_events().first()?;
            Some(events::progress(&event(newest)))
        });
        activity.update(&newest.unwrap_or_default());
    }

    /// Deletes the stack `id` and waits until it is gone.
    ///
    /// # Errors
    /// When CloudFormation refuses, or resources cannot be deleted; the message then carries the failed events.
    pub(crate) async fn delete(&self, id: &str, step: &Step) -> Result<()> {
        self.client
            .delete_stack()
            .stack_name(id)
            .send()
            .await
            .map_err(|error| refusal("could not delete the stack", &error))?;
        match self.settled(id, step).await? {
            None => Ok(()),
            Some(stack) => Err(self.failure(id, status(&stack)).await),
        }
    }

    /// Why what was done to the stack `id` last has ended in `status`.
    pub(crate) async fn failure(&self, id: &str, status: &str) -> anyhow::Error {
        match events::all_failures(id, async |id| self.events(id).await).await {
            Ok(failures) => anyhow!("{}", events::failure_message(&self.name, status, &failures)),
            Err(error) => error.context(format!("the stack {} ended as {status}", self.name)),
        }
    }

    /// The events of the latest operation, newest first.
    async fn events(&self, id: &str) -> Result<Vec<Event>> {
        let request = self.client.describe_stack_events().stack_name(id);
        let mut pages = request.into_paginator().send();
        let mut latest = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| refusal("could not read the stack's events", &error))?;
            for event in page.stack_events().iter().map(event) {
                let is_first = events::begins_operation(&event);
                latest.push(event);
                if is_first {
                    return Ok(latest);
                }
            }
        }
        Ok(latest)
    }

    /// All resources of the stack and of the parts nested in it.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn resources(&self) -> Result<Vec<Resource>> {
        let mut all = Vec::new();
        let mut stacks = vec![(String::new(), self.name.clone())];
        while let Some((part, id)) = stacks.pop() {
            let template = self.template(&id).await?;
            let retained = super::template::retained(&template);
            let request = self.client.list_stack_resources().stack_name(&id);
            let mut resources = request.into_paginator().items().send();
            while let Some(resource) = resources.next().await {
                let resource = resource
                    .map_err(|error| refusal("could not list what is in the stack", &error))?;
                let logical = resource.logical_resource_id().unwrap_or("?");
                let name = inside(&part, logical);
                let kind = resource.resource_type().unwrap_or("?");
                if kind == STACK
                    && let Some(nested) = resource.physical_resource_id()
                {
                    stacks.push((name.clone(), nested.to_owned()));
                }
                all.push(Resource {
                    is_retained: retained.contains(&logical),
                    kind: kind.to_owned(),
                    name,
                });
            }
        }
        Ok(all)
    }

    async fn template(&self, id: &str) -> Result<String> {
        let answer = self.client.get_template().stack_name(id).send().await;
        let answer =
            answer.map_err(|error| refusal("could not read the stack's template", &error))?;
        Ok(answer.template_body.unwrap_or_default())
    }
}

/// The stacks whose functions come from `bucket`.
///
/// # Errors
/// When CloudFormation refuses.
pub(crate) async fn of_bucket(target: &Target, bucket: &str) -> Result<Vec<String>> {
    let request = Client::new(&target.sdk_config).describe_stacks();
    let mut stacks = request.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(stack) = stacks.next().await {
        let stack = stack.map_err(|error| refusal("could not look for other stacks", &error))?;
        // A nested stack goes with its root.
        let is_root = stack
            .root_id()
            .is_none_or(|root| Some(root) == stack.stack_id());
        let is_there = status(&stack) != "DELETE_COMPLETE";
        if is_root && is_there && parameters(&stack).get("CodeBucket") == Some(&bucket) {
            found.push(stack.stack_name().unwrap_or("?").to_owned());
        }
    }
    Ok(found)
}

fn event(event: &StackEvent) -> Event {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Event {
        stack_id: text(event.stack_id()),
        resource: text(event.logical_resource_id()),
        id: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: text(event.resource_status().map(ResourceStatus::as_str)),
        reason: event.resource_status_reason().map(str::to_owned),
    }
}

/// What the stack is in.
pub(crate) fn status(stack: &Stack) -> &str {
    stack.stack_status().map_or("", |status| status.as_str())
}

/// The values that the stack has for its parameters; those that are secret are masked.
pub(crate) fn parameters(stack: &Stack) -> HashMap<&str, &str> {
    let parameters = stack.parameters().iter();
    parameters
        .filter_map(|parameter| Some((parameter.parameter_key()?, parameter.parameter_value()?)))
        .collect()
}

/// What the stack answers.
pub(crate) fn outputs(stack: &Stack) -> HashMap<String, String> {
    stack
        .outputs()
        .iter()
        .filter_map(|output| Some((output.output_key()?.into(), output.output_value()?.into())))
        .collect()
}
