//! `cargo xtask host`: publishing what is in `dist/` already, and trying that out.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{
    aws::{
        LOCAL_REGION,
        cloudformation::approval::Approval,
        connection::{location::DEFAULT_STACK, target::Target},
    },
    checks::hosting_trial,
    hosting::{
        firebase,
        options::{Address, Hosting, Kind},
    },
    support::{cache::Cache, report, workspace::Workspace},
};

/// What to do with the release in `dist/`.
#[derive(Debug, clap::Args)]
pub(crate) struct Host {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Publish dist/ on Firebase, or on the S3 and CloudFront of a local cloud
    Publish(Publish),
    /// Publish dist/ on a local cloud of its own and on Firebase's trial server, and check each answer
    Trial,
    /// Write infra/firebase.json anew from the rules
    Template,
}

#[derive(Debug, clap::Args)]
struct Publish {
    #[command(flatten)]
    hosting: Hosting,
    /// The config.json to publish
    #[arg(long, value_name = "FILE", default_value = "public/config.json")]
    config: PathBuf,
    /// The port of the local cloud
    #[arg(long, value_name = "PORT")]
    cloud_port: Option<u16>,
}

impl Publish {
    async fn run(self, workspace: &Workspace) -> Result<()> {
        let config = workspace.file(self.config);
        let port = match (self.hosting.kind, self.cloud_port) {
            (None, _) => bail!("--hosting s3 or --hosting firebase?"),
            (Some(Kind::Firebase), _) => {
                return self.hosting.publish_on_firebase(workspace, &config).await;
            }
            (Some(Kind::S3), None) => {
                bail!(
                    "--cloud-port names the local cloud to publish on; for AWS it is `cargo xtask deploy --hosting s3`"
                )
            }
            (Some(Kind::S3), Some(port)) => port,
        };
        let target = Target::local(port, LOCAL_REGION).await?;
        let (hosting, approval) = (&self.hosting, Approval::Given);
        let address = hosting
            .address(workspace, &target, DEFAULT_STACK, approval)
            .await?;
        if let Address::Of(place) = address {
            report::line(format_args!(
                "==> The site is at {}; the parameter SiteUrl of the system has to be that",
                place.site_url
            ));
        }
        hosting
            .publish(workspace, &target, DEFAULT_STACK, &config, approval)
            .await
    }
}

impl Host {
    /// Runs the action; `false` when it ran to its end and has already told what failed.
    ///
    /// # Errors
    /// When there is no release, or it cannot be published.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        match self.action {
            Action::Template => firebase::write_template(&workspace).map(|()| true),
            Action::Publish(publish) => publish.run(&workspace).await.map(|()| true),
            Action::Trial => {
                let dist = workspace.file("dist");
                let count = hosting_trial::run(&workspace, &Cache::open()?, &dist).await?;
                report::line(format_args!(
                    "    {} passed, {} failed",
                    count.passed, count.failed
                ));
                Ok(count.failed == 0)
            }
        }
    }
}
