//! Where a release is published, as the command line says it.

use std::{fs, path::Path, time::SystemTime};

use anyhow::{Context as _, Result};
use aws_types::SdkConfig;

use super::{
    firebase,
    release::Release,
    s3::{self, Site},
};
use crate::support::{report, workspace::Workspace};

/// A kind of host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// S3 behind CloudFront
    S3,
    /// Firebase Hosting, by the Firebase CLI
    Firebase,
}

/// Where to publish.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Hosting {
    /// Publish the release there
    #[arg(id = "hosting", long = "hosting", value_name = "HOST")]
    pub(crate) kind: Option<Kind>,
    /// The stack that holds the site on S3
    #[arg(id = "hosting_stack", long = "hosting-stack", value_name = "NAME", default_value = s3::STACK)]
    pub(crate) stack: String,
    /// A host name of your own for the site on S3; without this, the one that it has
    #[arg(long, value_name = "NAME", requires = "certificate")]
    pub(crate) domain: Option<String>,
    /// The ARN of the certificate for it, in us-east-1
    #[arg(long, value_name = "ARN")]
    pub(crate) certificate: Option<String>,
    /// The Firebase project; without this, the one that `firebase use` chose
    #[arg(long, value_name = "PROJECT")]
    pub(crate) firebase_project: Option<String>,
    /// The https address of a further host that the page may talk to
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) connect: Vec<String>,
}

impl Hosting {
    /// The address that the site has or gets, where that is for the host to say. It comes before everything else: the
    /// user pool and the API have to know it.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn site_url(
        &self,
        workspace: &Workspace,
        sdk_config: &SdkConfig,
    ) -> Result<Option<String>> {
        if self.kind != Some(Kind::S3) {
            return Ok(None);
        }
        let chosen = self.chosen();
        let place = s3::prepare(&self.site(&chosen), workspace, sdk_config).await?;
        Ok(Some(place.site_url))
    }

    /// Publishes `dist/` with the configuration in the file `config`, if it is to be published at all.
    ///
    /// # Errors
    /// When there is no release, it does not go with the configuration, or the host refuses.
    pub(crate) async fn publish(
        &self,
        workspace: &Workspace,
        sdk_config: &SdkConfig,
        config: &Path,
    ) -> Result<()> {
        let Some(kind) = self.kind else {
            return Ok(());
        };
        let text = fs::read_to_string(config)
            .with_context(|| format!("could not read {}", config.display()))?;
        let release = Release::read(&workspace.file("dist"), text, &self.connect).await?;
        if kind == Kind::Firebase {
            return firebase::publish(workspace, &release, self.firebase_project.as_deref()).await;
        }
        let chosen = self.chosen();
        let (site, now) = (self.site(&chosen), SystemTime::now());
        let place = s3::publish(&site, workspace, sdk_config, &release, now).await?;
        report::line(format_args!("==> The site is at {}", place.site_url));
        Ok(())
    }

    fn site<'a>(&'a self, chosen: &'a [(&'static str, String)]) -> Site<'a> {
        Site {
            stack: &self.stack,
            chosen,
        }
    }

    fn chosen(&self) -> Vec<(&'static str, String)> {
        let said = [
            ("DomainName", &self.domain),
            ("CertificateArn", &self.certificate),
        ];
        let said = said
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        said.collect()
    }
}
