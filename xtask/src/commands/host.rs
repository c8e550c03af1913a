//! `cargo xtask host`: publishing what is in `dist/` already, and trying that out.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{
    aws::{LOCAL_REGION, connection::target::local_config},
    checks::hosting_trial,
    hosting::{
        firebase,
        options::{Hosting, Kind},
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
        let port = match (self.hosting.kind, self.cloud_port) {
            (None, _) => bail!("--hosting s3 or --hosting firebase?"),
            (Some(Kind::S3), None) => {
                bail!(
                    "--cloud-port names the local cloud to publish on; for AWS it is `cargo xtask deploy --hosting s3`"
                )
            }
            (_, port) => port.unwrap_or_default(),
        };
        let config = workspace.file(self.config);
        let sdk_config = local_config(port, LOCAL_REGION);
        if let Some(url) = self.hosting.site_url(workspace, &sdk_config).await? {
            report::line(format_args!(
                "==> The site is to be at {url}, which SiteUrl of the system's stack must say, too"
            ));
        }
        self.hosting.publish(workspace, &sdk_config, &config).await
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
