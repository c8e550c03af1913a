//! Creating and updating a stack, the same way for every stack: CloudFormation works out a change set, the user sees it
//! and agrees, and only then it is executed.

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudformation::types::{ChangeSetType, Parameter, Stack};

use super::{
    approval::Approval,
    change_set::{ChangeSet, Request, Template},
    changes::{self, Change},
    parameters::{Parameters, Value},
    stack::{self, StackClient, status},
};
use crate::{aws::connection::target::Target, support::report};

/// A stack that is to be created or updated.
#[derive(Debug)]
pub(crate) struct Update<'a> {
    client: StackClient<'a>,
    existing: Option<Stack>,
}

/// What an update would change.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    client: StackClient<'a>,
    existing: Option<Stack>,
    /// `None` when nothing would change.
    set: Option<ChangeSet>,
}

/// What can be done with a stack in its status.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// There is none, or it is only planned.
    Absent,
    /// Its creation failed and was rolled back: it holds nothing and can only be deleted.
    Failed,
    /// It can be updated.
    Live,
    /// Nothing, and what to do first.
    Blocked(&'static str),
}

impl<'a> Update<'a> {
    /// Looks at the stack `name`. A stack whose creation failed is deleted, once the user agrees. `None` when the user
    /// does not.
    ///
    /// # Errors
    /// When the stack is in a status in which it cannot be updated, or there is no terminal to ask on.
    pub(crate) async fn begin(
        target: &'a Target,
        name: &str,
        approval: Approval,
    ) -> Result<Option<Self>> {
        let client = StackClient::new(target, name);
        let Some(existing) = client.describe().await? else {
            return Ok(Some(Self {
                client,
                existing: None,
            }));
        };
        let existing = match state(status(&existing)) {
            State::Absent => None,
            State::Live => Some(existing),
            State::Blocked(what_to_do) => {
                bail!("the stack {name} is {}: {what_to_do}", status(&existing))
            }
            State::Failed => {
                report::line(format_args!(
                    "    The creation of the stack {name} failed; what is left of it holds nothing"
                ));
                if !approval
                    .ask("Delete it and create it again? [y/N]", "y")
                    .await?
                {
                    return Ok(None);
                }
                let step = report::step(format_args!("Delete the stack {name}"));
                let id = existing.stack_id().unwrap_or(name);
                client.delete(id, &step).await?;
                step.done();
                None
            }
        };
        Ok(Some(Self { client, existing }))
    }

    /// The stack as it is; `None` when it is to be created.
    pub(crate) fn existing(&self) -> Option<&Stack> {
        self.existing.as_ref()
    }

    /// Has CloudFormation work out what would change.
    ///
    /// # Errors
    /// When `template` has no such parameter, or CloudFormation refuses it.
    pub(crate) async fn plan(
        self,
        template: Template,
        known: &[&str],
        parameters: &Parameters,
    ) -> Result<Plan<'a>> {
        let Self { client, existing } = self;
        let kept = existing.as_ref().map(stack::parameters);
        let kept: Option<Vec<_>> = kept.map(|kept| kept.into_keys().collect());
        let request = Request {
            template,
            parameters: parameters
                .decide(known, kept.as_deref())
                .into_iter()
                .map(parameter)
                .collect(),
            kind: match existing {
                Some(_) => ChangeSetType::Update,
                None => ChangeSetType::Create,
            },
        };
        let name = &client.name;
        let step = report::step(format_args!("Work out the changes to the stack {name}"));
        let set = ChangeSet::create(&client, &request, &step).await?;
        step.done_with(match &set {
            Some(set) => changes::summary(&set.changes),
            None => "nothing to change".to_owned(),
        });
        Ok(Plan {
            client,
            existing,
            set,
        })
    }
}

impl Plan<'_> {
    /// The changes, in nested stacks too; none when the stack is up to date.
    pub(crate) fn changes(&self) -> &[Change] {
        self.set.as_ref().map_or(&[], |set| &set.changes)
    }

    /// Prints the changes, with warnings about the data they would delete.
    pub(crate) fn show(&self) {
        if self.changes().is_empty() {
            return;
        }
        report::line(format_args!(
            "\n    Changes to the stack {}:",
            self.client.name
        ));
        report::line(changes::table(self.changes()));
        for warning in changes::warnings(self.changes()) {
            report::line(format_args!("    WARNING: {warning}"));
        }
    }

    /// Asks `question`. When the user does not agree, the change set is deleted, and so is a stack that was only
    /// planned.
    ///
    /// # Errors
    /// When there is no terminal to ask on, or CloudFormation refuses.
    pub(crate) async fn agreed(&self, approval: Approval, question: &str) -> Result<bool> {
        let agreed = approval.ask(question, "y").await;
        if !matches!(agreed, Ok(true))
            && let Some(set) = &self.set
        {
            let step = report::step("Delete the change set");
            set.discard(&self.client, &step).await?;
            step.done();
        }
        agreed
    }

    /// Executes the change set and waits for its end. The stack as it is then.
    ///
    /// # Errors
    /// When CloudFormation rolls back; the message names the resources that failed and their reasons.
    pub(crate) async fn execute(self) -> Result<Stack> {
        let Self {
            client,
            existing,
            set,
        } = self;
        let Some(set) = set else {
            return existing.context("CloudFormation has nothing to create");
        };
        let step = report::step(format_args!("Deploy the stack {}", client.name));
        set.execute(&client).await?;
        let Some(settled) = client.settled(&set.stack_id, &step).await? else {
            bail!("the stack {} was deleted meanwhile", client.name);
        };
        match status(&settled) {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" => {
                step.done();
                Ok(settled)
            }
            failed => Err(client.failure(&set.stack_id, failed).await),
        }
    }
}

fn parameter((name, value): (String, Value)) -> Parameter {
    let parameter = Parameter::builder().parameter_key(name);
    match value {
        Value::New(value) => parameter.parameter_value(value).build(),
        Value::Kept => parameter.use_previous_value(true).build(),
    }
}

/// Whether a stack in that status has values that an update keeps.
pub(crate) fn is_live(stack: &Stack) -> bool {
    state(status(stack)) == State::Live
}

fn state(status: &str) -> State {
    match status {
        "REVIEW_IN_PROGRESS" => State::Absent,
        "ROLLBACK_COMPLETE" => State::Failed,
        "CREATE_FAILED" | "ROLLBACK_FAILED" | "DELETE_FAILED" => {
            State::Blocked("delete it first, then run this command again")
        }
        "UPDATE_ROLLBACK_FAILED" => State::Blocked(
            "remove what prevented its rollback and run `aws cloudformation continue-update-rollback` first",
        ),
        busy if busy.ends_with("_IN_PROGRESS") => State::Blocked(
            "another operation is in progress; run this command again when it has ended",
        ),
        _ => State::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_stacks_can_be_updated() {
        for live in [
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
        ] {
            assert_eq!(state(live), State::Live, "{live}");
        }
        assert_eq!(state("REVIEW_IN_PROGRESS"), State::Absent);
        assert_eq!(state("ROLLBACK_COMPLETE"), State::Failed);
        for blocked in [
            "UPDATE_IN_PROGRESS",
            "DELETE_FAILED",
            "UPDATE_ROLLBACK_FAILED",
        ] {
            assert!(matches!(state(blocked), State::Blocked(_)), "{blocked}");
        }
    }
}
