//! Deploying the system, the same way to AWS and to a local cloud: the code is uploaded, and CloudFormation works out
//! what would change.

use anyhow::{Context as _, Result};
use aws_sdk_cloudformation::types::Stack;

use super::{
    parts::{self, Content, template_text},
    snapshot::Snapshot,
};
use crate::{
    aws::{
        cloudformation::{
            approval::Approval,
            change_set::Template,
            changes::{Action, Change, USER_POOL},
            parameters::Parameters,
            stack, template,
            update::{Plan, Update},
        },
        connection::target::Target,
        functions::{bucket::CodeBucket, package::Package},
    },
    support::{report, workspace::Workspace},
};

/// A system that is to be deployed.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The name of the stack.
    pub(crate) stack: String,
    /// What it is made of.
    pub(crate) content: Content,
    /// The values of the template's parameters, besides those that follow from the content.
    pub(crate) parameters: Parameters,
}

/// What deploying a system would change.
#[derive(Debug)]
pub(crate) struct SystemPlan<'a> {
    plan: Plan<'a>,
    /// The user pool would be replaced, while this prefix still belongs to the domain of the old one.
    taken_prefix: Option<String>,
    /// The update that takes the snapshot of the API once more.
    cleanup: Option<Cleanup<'a>>,
}

#[derive(Debug)]
struct Cleanup<'a> {
    target: &'a Target,
    stack: String,
    template: Template,
    known: Vec<String>,
    parameters: Parameters,
}

impl Deployment {
    /// Uploads the code to `target` and works out what would change in the stack. `None` when the user does not agree to
    /// delete a stack whose creation failed.
    ///
    /// # Errors
    /// When CloudFormation refuses the template.
    pub(crate) async fn plan<'a>(
        self,
        workspace: &Workspace,
        target: &'a Target,
        approval: Approval,
    ) -> Result<Option<SystemPlan<'a>>> {
        let text = template_text(workspace)?;
        let known = template::parameters(&text);
        let mut parameters = self.content.parameters(&target.location);
        parameters.extend(self.parameters);
        parameters.require_known(&known)?;

        let Some(update) = Update::begin(target, &self.stack, approval).await? else {
            return Ok(None);
        };
        let kept = update.existing().map(stack::parameters);
        let snapshot = Snapshot::new(&text, &self.content.templates, &parameters, kept.as_ref());
        let a_part_leaves = kept
            .as_ref()
            .is_some_and(|kept| parts::any_leaves(kept, &parameters));
        let prefix =
            kept.and_then(|kept| kept.get("DomainPrefix").map(|&prefix| prefix.to_owned()));

        let mut templates = vec![snapshot.name_in(&text)];
        if a_part_leaves {
            templates.insert(0, snapshot.before_cleanup().name_in(&text));
        }
        let templates = upload(target, self.content.packages, templates).await?;
        let mut templates = templates.into_iter();
        let template = templates.next().context("a deployment has a template")?;
        let plan = update.plan(template, &known, &parameters).await?;
        Ok(Some(SystemPlan {
            taken_prefix: taken_prefix(plan.changes(), parameters.given("DomainPrefix"), prefix),
            cleanup: templates.next().map(|template| Cleanup {
                target,
                stack: self.stack,
                template,
                known: known.into_iter().map(str::to_owned).collect(),
                parameters,
            }),
            plan,
        }))
    }
}

impl SystemPlan<'_> {
    /// Prints the changes, with warnings.
    pub(crate) fn show(&self) {
        self.plan.show();
        if let Some(prefix) = &self.taken_prefix {
            report::line(format_args!(
                "    WARNING: the domain prefix {prefix} belongs to the user pool that is replaced, so this deployment is \
                 going to fail and be rolled back; --domain-prefix chooses another one"
            ));
        }
        if self.cleanup.is_some() {
            report::line(
                "    After that: deploy the API once more, without the routes of the parts that are switched off",
            );
        }
    }

    /// Whether anything would change.
    pub(crate) fn is_change(&self) -> bool {
        !self.plan.changes().is_empty()
    }

    /// Asks whether to deploy; see [`Plan::agreed`].
    ///
    /// # Errors
    /// When there is no terminal to ask on, or CloudFormation refuses.
    pub(crate) async fn agreed(&self, approval: Approval) -> Result<bool> {
        self.plan.agreed(approval, "Deploy this? [y/N]").await
    }

    /// Deploys. The stack as it is then.
    ///
    /// # Errors
    /// When CloudFormation rolls back; the message names the resources that failed and their reasons.
    pub(crate) async fn execute(self) -> Result<Stack> {
        let deployed = self.plan.execute().await?;
        match self.cleanup {
            None => Ok(deployed),
            Some(cleanup) => cleanup.execute().await,
        }
    }
}

impl Cleanup<'_> {
    async fn execute(self) -> Result<Stack> {
        // The user agreed to it along with the changes before it.
        let update = Update::begin(self.target, &self.stack, Approval::Given).await?;
        let update = update.context("the stack was deleted meanwhile")?;
        let known: Vec<_> = self.known.iter().map(String::as_str).collect();
        let plan = update.plan(self.template, &known, &self.parameters);
        plan.await?.execute().await
    }
}

/// The prefix that the new user pool cannot have: CloudFormation creates the domain of the new pool before it deletes that
/// of the old one, and a prefix belongs to one pool only.
fn taken_prefix(changes: &[Change], given: Option<&str>, kept: Option<String>) -> Option<String> {
    let is_replaced = changes
        .iter()
        .any(|change| change.kind == USER_POOL && change.action == Action::Replace);
    kept.filter(|kept| is_replaced && given.is_none_or(|given| given == kept))
}

/// Uploads the code and the templates, and returns where CloudFormation finds these.
async fn upload(
    target: &Target,
    mut packages: Vec<Package>,
    templates: Vec<String>,
) -> Result<Vec<Template>> {
    let step = report::step(format_args!(
        "Upload to the bucket {}",
        target.location.code_bucket()
    ));
    let templates = templates.into_iter();
    let templates: Vec<_> = templates
        .map(|text| Package::of_template("template", text.into_bytes()))
        .collect();
    let urls = templates
        .iter()
        .map(|template| Template::Url(target.location.code_url(&template.key)))
        .collect();
    packages.extend(templates);
    let uploaded = CodeBucket::of(target).upload(&packages).await?;
    step.done_with(format_args!("{uploaded} of {} were new", packages.len()));
    Ok(urls)
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_user_pool_needs_another_domain_prefix() {
        let change = |action, kind: &str| {
            vec![Change {
                action,
                resource: "Resource".to_owned(),
                kind: kind.to_owned(),
                old_one_stays: None,
            }]
        };
        let replaced = change(Action::Replace, USER_POOL);
        let old = || Some("old".to_owned());
        assert_eq!(taken_prefix(&replaced, None, old()), old());
        assert_eq!(taken_prefix(&replaced, Some("old"), old()), old());
        assert_eq!(taken_prefix(&replaced, Some("new"), old()), None);
        assert_eq!(taken_prefix(&replaced, Some("new"), None), None);
        let modified = change(Action::Modify, USER_POOL);
        assert_eq!(taken_prefix(&modified, None, old()), None);
        let other = change(Action::Replace, "AWS::Cognito::IdentityPool");
        assert_eq!(taken_prefix(&other, None, old()), None);
    }
}
