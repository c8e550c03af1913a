//! The local cloud, brought up to the point where the application can use it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    deploy::Deployment,
    outputs::{Outputs, SiteConfig},
    parts::Content,
    user,
};
use crate::{
    aws::{
        LOCAL_REGION,
        cloudformation::{approval::Approval, parameters::Parameters, stack},
        connection::target::Target,
        ministack::MiniStack,
    },
    support::{report, workspace::Workspace},
};

/// A browser application cannot keep its API key; this one opens a cloud that only this machine reaches.
const API_KEY: &str = "velvet-rope-local-demo-key";

/// What one local cloud is to be like.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The port that it answers on.
    pub(crate) port: u16,
    /// Where the application will be, which the user pool and CORS must know.
    pub(crate) site_url: String,
    /// Where its log and its temporary files go. No two running clouds may share it.
    pub(crate) folder: PathBuf,
    /// Parameters of the template beyond those that any local cloud has.
    pub(crate) parameters: Vec<(&'static str, String)>,
}

/// A local cloud with the stack deployed and the demo user in it. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct LocalCloud {
    /// The process behind it.
    pub(crate) ministack: MiniStack,
    /// What the application must know of it.
    pub(crate) config: SiteConfig,
    /// The outputs of the stack, by their names in the template.
    pub(crate) outputs: HashMap<String, String>,
}

impl LocalCloud {
    /// Starts the cloud, deploys `content` with the template, and creates the demo user.
    ///
    /// # Errors
    /// When any of that fails; all that was started is then stopped.
    pub(crate) async fn start(
        workspace: &Workspace,
        program: &Path,
        content: Content,
        plan: Plan,
    ) -> Result<Self> {
        let step = report::step(format_args!("Start MiniStack on port {}", plan.port));
        let mut ministack = MiniStack::start(program, plan.port, &plan.folder).await?;
        step.done();
        let (config, outputs) = tokio::select! {
            prepared = prepare(workspace, content, plan) => prepared?,
            failure = ministack.failure() => return Err(failure),
        };
        Ok(Self {
            ministack,
            config,
            outputs,
        })
    }
}

async fn prepare(
    workspace: &Workspace,
    content: Content,
    plan: Plan,
) -> Result<(SiteConfig, HashMap<String, String>)> {
    let target = Target::local(plan.port, LOCAL_REGION).await?;
    let offers = content.offers.clone();
    let mut parameters = Parameters::default();
    parameters.give("SiteUrl", plan.site_url);
    parameters.give("DomainPrefix", "velvet-rope-local");
    parameters.give("ApiKeyValue", API_KEY);
    for (name, value) in plan.parameters {
        parameters.give(name, value);
    }
    let deployment = Deployment {
        stack: "velvet-rope".to_owned(),
        content,
        parameters,
    };
    let plan = deployment.plan(workspace, &target, Approval::Given).await?;
    let plan = plan.context("the local cloud was not deployed to")?;
    let outputs = stack::outputs(&plan.execute().await?);
    let read = Outputs::read(&outputs)?;

    let step = report::step(format_args!("Create the user {}", user::NAME));
    user::ensure(&target.sdk_config, &read.user_pool_id, &user::DEMO_USER).await?;
    step.done();
    let mut config = SiteConfig::of(&read, target.local_port)?;
    config.offer(&offers);
    Ok((config, outputs))
}
