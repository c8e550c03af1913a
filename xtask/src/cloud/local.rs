//! The local cloud, brought up to the point where the application can use it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use aws_types::SdkConfig;

use super::{
    deploy::{self, Deployment},
    lambda,
    ministack::{self, MiniStack},
    outputs::{Outputs, SiteConfig},
    parts::Content,
    user,
};
use crate::{report, workspace::Workspace};

const CODE_BUCKET: &str = "velvet-rope-code";
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
        content: impl Into<Content>,
        plan: Plan,
    ) -> Result<Self> {
        let mut content = content.into();
        let routes = std::mem::take(&mut content.routes);
        let Plan {
            port,
            site_url,
            folder,
            mut parameters,
        } = plan;
        parameters.push(("UserPoolEndpoint", ministack::url(port)));
        let apis = format!("{}/_aws/execute-api", ministack::url(port));
        parameters.push(("AccountsKeysEndpoint", apis));
        let step = report::step(format_args!("Start MiniStack on port {port}"));
        let mut ministack = MiniStack::start(program, port, &folder).await?;
        step.done();

        let sdk_config = ministack.sdk_config();
        let (read, outputs) = tokio::select! {
            outputs = prepare(workspace, &sdk_config, content, site_url, parameters) => outputs?,
            failure = ministack.failure() => return Err(failure),
        };
        let mut config = SiteConfig::local(&read, port);
        config.add_routes(&routes);
        Ok(Self {
            ministack,
            config,
            outputs,
        })
    }
}

async fn prepare(
    workspace: &Workspace,
    sdk_config: &SdkConfig,
    content: Content,
    site_url: String,
    parameters: Vec<(&'static str, String)>,
) -> Result<(Outputs, HashMap<String, String>)> {
    let step = report::step("Deploy infra/template.yaml to it");
    let deployment = deployment(workspace, &content, site_url, parameters)?;
    deploy::upload(sdk_config, CODE_BUCKET, content.packages).await?;
    let all = deployment.deploy(sdk_config).await?;
    let outputs = Outputs::read(&all)?;
    step.done();

    let step = report::step(format_args!("Create the user {}", user::NAME));
    user::ensure_demo_user(sdk_config, &outputs.user_pool_id).await?;
    step.done();
    Ok((outputs, all))
}

fn deployment(
    workspace: &Workspace,
    content: &Content,
    site_url: String,
    parameters: Vec<(&'static str, String)>,
) -> Result<Deployment> {
    let template = workspace.file("infra/template.yaml");
    let template = std::fs::read_to_string(&template)
        .with_context(|| format!("could not read {}", template.display()))?;
    let mut all = vec![
        ("SiteUrl", site_url),
        ("DomainPrefix", "velvet-rope-local".to_owned()),
        ("CodeBucket", CODE_BUCKET.to_owned()),
        ("Architecture", lambda::host_architecture()?.to_owned()),
        ("ApiKeyValue", API_KEY.to_owned()),
        // The local cloud has a login page of its own.
        ("ManagedLogin", "DISABLED".to_owned()),
    ];
    all.extend(content.parameters.iter().cloned());
    all.extend(parameters);
    Ok(Deployment {
        stack: "velvet-rope".to_owned(),
        template: content.name_deployment(&template),
        parameters: all,
    })
}
