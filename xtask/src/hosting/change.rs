//! Creating or updating one small stack, and waiting for the end of it.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudformation::{
    Client,
    error::ProvideErrorMetadata as _,
    types::{Parameter, Stack, StackEvent},
};

/// A distribution takes minutes, and its certificate may be slow.
const ENDS_WITHIN: Duration = Duration::from_hours(1);

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What a stack is to be.
#[derive(Debug)]
pub(super) struct Change<'a> {
    /// Its name.
    pub(super) stack: &'a str,
    /// The text of its template.
    pub(super) template: &'a str,
    /// Values for its parameters; the others get their defaults.
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// The stack `name`, if there is one.
///
/// # Errors
/// When CloudFormation does not tell.
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<Stack>> {
    match client.describe_stacks().stack_name(name).send().await {
        Ok(found) => Ok(found.stacks.unwrap_or_default().into_iter().next()),
        Err(error)
            if error
                .message()
                .is_some_and(|message| message.contains("does not exist")) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).context("could not look at the stack of the site"),
    }
}

impl Change<'_> {
    /// Makes the stack so, and answers what it is then.
    ///
    /// # Errors
    /// When CloudFormation refuses or goes back; the message then carries the reasons.
    pub(super) async fn make(&self, client: &Client) -> Result<Stack> {
        if let Some(existing) = describe(client, self.stack).await? {
            if !self.update(client).await? {
                return Ok(existing);
            }
        } else {
            self.create(client).await?;
        }
        let stack = self.settled(client).await?;
        let status = status(&stack);
        if !matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE") {
            bail!(
                "the stack {} ended as {status}{}",
                self.stack,
                self.failures(client).await?
            );
        }
        Ok(stack)
    }

    async fn create(&self, client: &Client) -> Result<()> {
        client
            .create_stack()
            .stack_name(self.stack)
            .template_body(self.template)
            .set_parameters(Some(self.parameters()))
            .send()
            .await
            .with_context(|| format!("could not create the stack {}", self.stack))?;
        Ok(())
    }

    /// Begins an update; `false` when nothing would change.
    async fn update(&self, client: &Client) -> Result<bool> {
        let update = client
            .update_stack()
            .stack_name(self.stack)
            .template_body(self.template)
            .set_parameters(Some(self.parameters()))
            .send()
            .await;
        match update {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .message()
                    .is_some_and(|message| message.contains("No updates")) =>
            {
                Ok(false)
            }
            Err(error) => {
                Err(error).with_context(|| format!("could not update the stack {}", self.stack))
            }
        }
    }

    async fn settled(&self, client: &Client) -> Result<Stack> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let stack = describe(client, self.stack).await?;
            let stack = stack.with_context(|| format!("the stack {} is gone", self.stack))?;
            if !status(&stack).ends_with("_IN_PROGRESS") {
                return Ok(stack);
            }
            if started.elapsed() > ENDS_WITHIN {
                bail!("the stack {} is still {}", self.stack, status(&stack));
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn failures(&self, client: &Client) -> Result<String> {
        let events = client
            .describe_stack_events()
            .stack_name(self.stack)
            .send()
            .await;
        let events = events.context("could not read why")?;
        Ok(reasons(events.stack_events()))
    }

    fn parameters(&self) -> Vec<Parameter> {
        let parameters = self.parameters.iter().map(|(key, value)| {
            Parameter::builder()
                .parameter_key(*key)
                .parameter_value(value)
                .build()
        });
        parameters.collect()
    }
}

fn status(stack: &Stack) -> &str {
    stack.stack_status().map_or("", |status| status.as_str())
}

/// What failed, a line each, the first thing first.
fn reasons(events: &[StackEvent]) -> String {
    let mut text = String::new();
    for event in events.iter().rev() {
        let status = event.resource_status().map_or("", |status| status.as_str());
        if status.ends_with("_FAILED") {
            let resource = event.logical_resource_id().unwrap_or_default();
            let reason = event.resource_status_reason().unwrap_or("no reason given");
            // Writing to a string cannot fail.
            let _ = write!(text, "\n      {resource}: {reason}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::ResourceStatus;

    use super::*;

    #[test]
    fn tells_what_failed_first_and_leaves_out_what_did_not() {
        let event = |id: &str, status: ResourceStatus, reason: Option<&str>| {
            StackEvent::builder()
                .logical_resource_id(id)
                .resource_status(status)
                .set_resource_status_reason(reason.map(str::to_owned))
                .build()
        };
        // CloudFormation tells the latest first.
        let events = [
            event("Files", ResourceStatus::DeleteComplete, None),
            event("Distribution", ResourceStatus::CreateFailed, None),
            event(
                "Headers",
                ResourceStatus::CreateFailed,
                Some("no such header"),
            ),
        ];
        let expected = "\n      Headers: no such header\n      Distribution: no reason given";
        assert_eq!(reasons(&events), expected);
    }
}
