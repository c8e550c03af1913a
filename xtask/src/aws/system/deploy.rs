//! Deploying a template by CloudFormation, the same way to AWS and to a local cloud: upload what it is made of, have a
//! change set made, show it, execute it once somebody agrees.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudformation::types::{ChangeSetType, Stack};

use super::parts::Content;
use crate::{
    aws::{
        cloudformation::{
            approval::Approval,
            change_set::{ChangeSet, Request},
            changes,
            parameters::Parameters,
            stack::{self, StackClient, status},
            template,
        },
        connection::target::Target,
        functions::{bucket::CodeBucket, package::Package},
    },
    support::{report, workspace::Workspace},
};

/// A stack to be deployed.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The name of the stack.
    pub(crate) stack: String,
    /// What it is made of.
    pub(crate) content: Content,
    /// The values of the template's parameters, besides those that follow from the content.
    pub(crate) parameters: Parameters,
    /// Who agrees to the changes.
    pub(crate) approval: Approval,
}

/// How a deployment ended, if not by an error.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The stack is as it should be.
    Deployed {
        /// What it answers.
        outputs: HashMap<String, String>,
        /// Whether anything had to change for that.
        changed: bool,
    },
    /// Whoever was asked did not agree; nothing has changed.
    Declined,
}

/// What can be done about a stack.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// There is none.
    Absent,
    /// One that holds nothing, because its first deployment failed. It can only be deleted.
    Dead,
    /// It can be changed.
    Live,
    /// Nothing, with what to do first.
    Blocked(&'static str),
}

impl Deployment {
    /// Deploys it to `target`.
    ///
    /// # Errors
    /// When CloudFormation refuses the template or rolls back; the message then carries the failed events.
    pub(crate) async fn deploy(self, workspace: &Workspace, target: &Target) -> Result<Ending> {
        let text = template_text(workspace)?;
        let known = template::parameters(&text);
        let mut parameters = self.content.parameters(target);
        parameters
            .given
            .extend(self.parameters.given.iter().cloned());
        parameters
            .at_first
            .extend(self.parameters.at_first.iter().cloned());
        parameters.require_known(&known)?;

        let client = StackClient::new(target, &self.stack);
        let existing = self.existing(&client).await?;
        let kept = existing.as_ref().map(stack::parameters);
        let kept: Option<Vec<_>> = kept.map(|kept| kept.into_keys().collect());

        let step = report::step(format_args!(
            "Upload to the bucket {}",
            target.code_bucket()
        ));
        let template = self.content.name_deployment(&text);
        let template = Package::of_template("template", template.into_bytes());
        let mut packages = self.content.packages;
        let template_url = target.code_url(&template.key);
        packages.push(template);
        let uploaded = CodeBucket::of(target).upload(&packages).await?;
        step.done_with(format_args!("{uploaded} of {} were new", packages.len()));

        let request = Request {
            template_url,
            parameters: parameters.decide(&known, kept.as_deref()),
            kind: match existing {
                Some(_) => ChangeSetType::Update,
                None => ChangeSetType::Create,
            },
        };
        let step = report::step(format_args!(
            "Ask what would change in the stack {}",
            self.stack
        ));
        let Some(set) = ChangeSet::create(&client, &request, &step).await? else {
            step.done_with("nothing: the stack is as it should be");
            let existing =
                existing.context("a stack that is not there yet has everything to change")?;
            return Ok(Ending::Deployed {
                outputs: stack::outputs(&existing),
                changed: false,
            });
        };
        step.done_with(changes::summary(&set.changes));
        if !agree(self.approval, &set, &client).await? {
            return Ok(Ending::Declined);
        }
        let outputs = execute(&set, &client).await?;
        Ok(Ending::Deployed {
            outputs,
            changed: true,
        })
    }

    /// The stack that is to change, if there is one.
    async fn existing(&self, client: &StackClient<'_>) -> Result<Option<Stack>> {
        let Some(existing) = client.describe().await? else {
            return Ok(None);
        };
        match state(status(&existing)) {
            State::Absent => Ok(None),
            State::Live => Ok(Some(existing)),
            State::Blocked(what_to_do) => bail!(
                "the stack {} is {}: {what_to_do}",
                self.stack,
                status(&existing)
            ),
            State::Dead => {
                let step = report::step(
                    "Delete the stack that the first deployment left, which holds nothing",
                );
                let id = existing.stack_id().unwrap_or(&self.stack);
                client.delete(id, &step).await?;
                step.done();
                Ok(None)
            }
        }
    }
}

/// Whether a stack in that status has values that a deployment would keep.
pub(crate) fn is_live(stack: &Stack) -> bool {
    state(status(stack)) == State::Live
}

fn state(status: &str) -> State {
    match status {
        // Only planned: somebody was asked, and never answered.
        "REVIEW_IN_PROGRESS" => State::Absent,
        "ROLLBACK_COMPLETE" => State::Dead,
        "CREATE_FAILED" | "ROLLBACK_FAILED" | "DELETE_FAILED" => {
            State::Blocked("run `cargo xtask destroy` first, then this command again")
        }
        "UPDATE_ROLLBACK_FAILED" => State::Blocked(
            "remove what hindered its rollback and run `aws cloudformation continue-update-rollback` first",
        ),
        busy if busy.ends_with("_IN_PROGRESS") => {
            State::Blocked("somebody is at work on it; run this command again when that has ended")
        }
        _ => State::Live,
    }
}

fn template_text(workspace: &Workspace) -> Result<String> {
    let template = workspace.file("infra/template.yaml");
    std::fs::read_to_string(&template)
        .with_context(|| format!("could not read {}", template.display()))
}

/// Shows the changes and asks. Without agreement nothing of the change set stays.
async fn agree(approval: Approval, set: &ChangeSet, client: &StackClient<'_>) -> Result<bool> {
    if approval == Approval::Needless {
        return Ok(true);
    }
    report::line(changes::table(&set.changes));
    for warning in changes::warnings(&set.changes) {
        report::line(format_args!("    WARNING: {warning}"));
    }
    let agreed = approval.ask("Deploy this? [y/N]", "y").await;
    if !matches!(agreed, Ok(true)) {
        let step = report::step("Delete the change set");
        set.discard(client, &step).await?;
        step.done();
    }
    agreed
}

async fn execute(set: &ChangeSet, client: &StackClient<'_>) -> Result<HashMap<String, String>> {
    let step = report::step(format_args!("Deploy the stack {}", client.name));
    set.execute(client).await?;
    let Some(settled) = client.settled(&set.stack_id, &step).await? else {
        bail!("the stack {} is gone", client.name);
    };
    match status(&settled) {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" => {
            step.done();
            Ok(stack::outputs(&settled))
        }
        failed => Err(client.failure(&set.stack_id, failed).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_stacks_can_be_changed() {
        for live in [
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
        ] {
            assert_eq!(state(live), State::Live, "{live}");
        }
        assert_eq!(state("REVIEW_IN_PROGRESS"), State::Absent);
        assert_eq!(state("ROLLBACK_COMPLETE"), State::Dead);
        for blocked in [
            "UPDATE_IN_PROGRESS",
            "DELETE_FAILED",
            "UPDATE_ROLLBACK_FAILED",
        ] {
            assert!(matches!(state(blocked), State::Blocked(_)), "{blocked}");
        }
    }
}
