//! The local cloud, brought up to the point where the application can use it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    local_api::Api,
    outputs::{Outputs, SiteConfig},
    parts::{Content, template_text},
    snapshot::Snapshot,
    user,
};
use crate::{
    aws::{
        cloudformation::{parameters::Value, template},
        connection::location::{DEFAULT_STACK, Location},
        functions::package::Package,
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
    /// The claim `sub` of the demo user.
    pub(crate) demo_user_sub: String,
}

/// What a new local cloud is set up with.
#[derive(Debug)]
struct Prepared {
    config: SiteConfig,
    outputs: HashMap<String, String>,
    demo_user_sub: String,
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
        let prepared = tokio::select! {
            prepared = prepare(workspace, content, plan) => prepared?,
            failure = ministack.failure() => return Err(failure),
        };
        let Prepared {
            config,
            outputs,
            demo_user_sub,
        } = prepared;
        Ok(Self {
            ministack,
            config,
            outputs,
            demo_user_sub,
        })
    }
}

async fn prepare(workspace: &Workspace, content: Content, plan: Plan) -> Result<Prepared> {
    let location = Location::local(plan.port);
    let cloud = Api::new(plan.port);
    let mut parameters = content.parameters(&location);
    parameters.give("SiteUrl", plan.site_url);
    parameters.give("DomainPrefix", "velvet-rope-local");
    parameters.give("ApiKeyValue", API_KEY);
    for (name, value) in plan.parameters {
        parameters.give(name, value);
    }
    let text = template_text(workspace)?;
    let known = template::parameters(&text);
    parameters.require_known(&known)?;
    let snapshot = Snapshot::new(&text, &content.templates, &parameters, None);
    let template = Package::of_template("template", snapshot.name_in(&text).into_bytes());
    let template_url = location.code_url(&template.key);
    let mut packages = content.packages;
    packages.push(template);

    let bucket = location.code_bucket();
    let step = report::step(format_args!("Upload to the bucket {bucket}"));
    cloud.create_bucket(&bucket, &packages).await?;
    step.done_with(format_args!("{} objects", packages.len()));
    let step = report::step(format_args!("Deploy the stack {DEFAULT_STACK}"));
    let decided = parameters.decide(&known, None).into_iter();
    let values: Vec<_> = decided
        .filter_map(|(name, value)| match value {
            Value::New(value) => Some((name, value)),
            Value::Kept => None,
        })
        .collect();
    let outputs = cloud.create_stack(DEFAULT_STACK, &template_url, &values, &step);
    let outputs = outputs.await?;
    step.done();
    let read = Outputs::read(&outputs)?;

    let step = report::step(format_args!("Create the user {}", user::NAME));
    let demo_user = cloud.create_user(&read.user_pool_id, &user::DEMO_USER);
    let demo_user_sub = demo_user.await?;
    step.done();
    let mut config = SiteConfig::of(&read, location.local_port)?;
    config.offer(&content.offers);
    Ok(Prepared {
        config,
        outputs,
        demo_user_sub,
    })
}
