//! `cargo xtask destroy`: what `cargo xtask deploy` made goes again.

use anyhow::{Result, bail};

use crate::{
    aws::{
        cloudformation::{
            STACK,
            approval::Approval,
            changes::{self, Action, Change},
            stack::{self, Resource, StackClient},
        },
        connection::{options::Connection, target::Target},
        functions::bucket::CodeBucket,
    },
    support::report,
};

/// What to delete, and where.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Delete the bucket with the functions' code as well, unless another stack is made from it
    #[arg(long)]
    pub(crate) code_bucket: bool,
    /// Delete without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

impl Destroy {
    /// Shows what would go and what would stay, asks, deletes it and waits until it is gone. `false` when it was not
    /// agreed to.
    ///
    /// # Errors
    /// When something cannot be deleted, and when there is no terminal to ask on.
    pub(crate) async fn run(self) -> Result<bool> {
        let target = self.connection.open().await?;
        let name = &self.connection.stack;
        let client = StackClient::new(&target, name);
        let Some(existing) = client.describe().await? else {
            report::line(format_args!(
                "==> There is no stack {name} in {}",
                target.location.shown()
            ));
            return self.finish(&target, &[]).await.map(|()| true);
        };
        report::line(format_args!(
            "==> The stack {name}, in {}",
            target.location.shown()
        ));
        let resources = match stack::status(&existing) {
            // Only planned: it has neither resources nor a template.
            "REVIEW_IN_PROGRESS" => Vec::new(),
            _ => client.resources().await?,
        };
        let changes = changes_of(&resources);
        report::line(changes::table(&changes));
        for warning in changes::warnings(&changes) {
            report::line(format_args!("    WARNING: {warning}"));
        }

        let approval = Approval::by_flag(self.yes);
        let question = format!("To delete it, type its name, {name}:");
        if !approval.ask(&question, name).await? {
            report::line("==> Nothing was deleted");
            return Ok(false);
        }
        let step = report::step(format_args!("Delete the stack {name}"));
        client
            .delete(existing.stack_id().unwrap_or(name), &step)
            .await?;
        step.done();
        self.finish(&target, &changes).await?;
        Ok(true)
    }

    async fn finish(&self, target: &Target, changes: &[Change]) -> Result<()> {
        let staying = changes
            .iter()
            .filter(|change| change.action == Action::Keep);
        // None of it costs anything by itself.
        for Change { resource, kind, .. } in staying {
            report::line(format_args!(
                "    {resource} ({kind}) stays: other APIs of the account may use it, and it costs nothing"
            ));
        }
        let bucket = CodeBucket::of(target);
        if self.code_bucket {
            self.delete_code_bucket(target, &bucket).await?;
        } else if bucket.exists().await? {
            report::line(format_args!(
                "    The bucket {} stays, for the next deployment; its few megabytes cost next to nothing \
                 (--code-bucket deletes it)",
                target.location.code_bucket()
            ));
        }
        Ok(())
    }

    async fn delete_code_bucket(&self, target: &Target, bucket: &CodeBucket<'_>) -> Result<()> {
        let name = target.location.code_bucket();
        let users = stack::of_bucket(target, &name).await?;
        if !users.is_empty() {
            bail!(
                "the bucket {name} stays: the functions of {} come from it",
                users.join(", ")
            );
        }
        let step = report::step(format_args!("Delete the bucket {name}"));
        if bucket.delete().await? {
            step.done();
        } else {
            step.done_with("there is none");
        }
        Ok(())
    }
}

/// What deleting the stack does to each of its resources.
fn changes_of(resources: &[Resource]) -> Vec<Change> {
    let change = |resource: &Resource| Change {
        action: if resource.is_retained {
            Action::Keep
        } else {
            Action::Remove
        },
        resource: resource.name.clone(),
        kind: resource.kind.clone(),
        old_one_stays: None,
    };
    resources
        .iter()
        // A part is told by what is in it.
        .filter(|resource| resource.kind != STACK)
        .map(change)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_goes_and_what_stays_but_not_parts_as_such() {
        let resource = |name: &str, kind: &str, is_retained| Resource {
            name: name.to_owned(),
            kind: kind.to_owned(),
            is_retained,
        };
        let changes = changes_of(&[
            resource("UserPool", "AWS::Cognito::UserPool", false),
            resource("Ingestion", STACK, false),
            resource("Ingestion/Table", "AWS::DynamoDB::Table", false),
            resource("ApiGatewayLogRole", "AWS::IAM::Role", true),
        ]);
        let told: Vec<_> = changes
            .iter()
            .map(|one| (one.resource.as_str(), one.action))
            .collect();
        assert_eq!(
            told,
            [
                ("UserPool", Action::Remove),
                ("Ingestion/Table", Action::Remove),
                ("ApiGatewayLogRole", Action::Keep)
            ]
        );
        let warnings = changes::warnings(&changes);
        assert_eq!(warnings[0], "UserPool holds user accounts, and is removed");
        assert_eq!(warnings.len(), 2);
    }
}
