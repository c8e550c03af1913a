//! Deploying the system, the same way to AWS and to a local cloud: the code is uploaded, and CloudFormation works out
//! what would change.

use anyhow::{Context as _, Result};

use super::parts::Content;
use crate::{
    aws::{
        cloudformation::{
            approval::Approval,
            change_set::Template,
            parameters::Parameters,
            template,
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
    ) -> Result<Option<Plan<'a>>> {
        let text = template_text(workspace)?;
        let known = template::parameters(&text);
        let mut parameters = self.content.parameters(target);
        parameters.extend(self.parameters);
        parameters.require_known(&known)?;

        let Some(update) = Update::begin(target, &self.stack, approval).await? else {
            return Ok(None);
        };
        let template = self.content.name_deployment(&text);
        let template = upload(target, self.content.packages, template).await?;
        update.plan(template, &known, &parameters).await.map(Some)
    }
}

/// Uploads the code and the template.
async fn upload(target: &Target, mut packages: Vec<Package>, template: String) -> Result<Template> {
    let step = report::step(format_args!(
        "Upload to the bucket {}",
        target.code_bucket()
    ));
    let template = Package::of_template("template", template.into_bytes());
    let url = target.code_url(&template.key);
    packages.push(template);
    let uploaded = CodeBucket::of(target).upload(&packages).await?;
    step.done_with(format_args!("{uploaded} of {} were new", packages.len()));
    Ok(Template::Url(url))
}

fn template_text(workspace: &Workspace) -> Result<String> {
    let template = workspace.file("infra/template.yaml");
    std::fs::read_to_string(&template)
        .with_context(|| format!("could not read {}", template.display()))
}
