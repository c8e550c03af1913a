//! Where a release is published, as the command line says it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context as _, Result};

use super::{
    firebase,
    release::Release,
    s3,
    stack::{HostingStack, Place},
};
use crate::{
    aws::{cloudformation::approval::Approval, connection::target::Target},
    support::{report, workspace::Workspace},
};

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
    /// The folder of a release that is built already; without this, the release is built first
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dist: Option<PathBuf>,
    /// The stack that holds the site on S3; without this, the name of the system's stack and `-hosting`
    #[arg(id = "hosting_stack", long = "hosting-stack", value_name = "NAME")]
    pub(crate) stack: Option<String>,
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

/// The address of the site.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The host does not decide it.
    Elsewhere,
    /// The hosting stack decides it.
    Of(Place),
    /// The user did not agree to the hosting stack.
    Declined,
}

impl Hosting {
    /// Finds out the address of the site, where the host decides it, and creates the hosting stack for that once the user
    /// agrees: the user pool and the API have to know the address. `system` is the name of the system's stack.
    ///
    /// # Errors
    /// When CloudFormation refuses, or there is no terminal to ask on.
    pub(crate) async fn address(
        &self,
        workspace: &Workspace,
        target: &Target,
        system: &str,
        approval: Approval,
    ) -> Result<Address> {
        if self.kind != Some(Kind::S3) {
            return Ok(Address::Elsewhere);
        }
        let stack = self.stack(workspace, target, system)?;
        let place = s3::prepare(&stack, approval).await?;
        Ok(place.map_or(Address::Declined, Address::Of))
    }

    /// What publishing is going to change, for the question before it.
    pub(crate) fn announcement(&self, address: &Address, system: &str) -> Option<String> {
        match (self.kind?, address) {
            (Kind::S3, Address::Of(place)) => Some(format!(
                "publish the release to s3://{}, with its headers in the stack {}",
                place.bucket,
                self.stack_name(system)
            )),
            (Kind::S3, _) => None,
            (Kind::Firebase, _) => Some("publish the release on Firebase".to_owned()),
        }
    }

    /// Publishes the release with the configuration in the file `config`, if it is to be published at all.
    ///
    /// # Errors
    /// When there is no release, it does not go with the configuration, or the host refuses.
    pub(crate) async fn publish(
        &self,
        workspace: &Workspace,
        target: &Target,
        system: &str,
        config: &Path,
        approval: Approval,
    ) -> Result<()> {
        match self.kind {
            None => Ok(()),
            Some(Kind::Firebase) => self.publish_on_firebase(workspace, config).await,
            Some(Kind::S3) => {
                let release = self.release(workspace, config).await?;
                let stack = self.stack(workspace, target, system)?;
                let place = s3::publish(&stack, &release, SystemTime::now(), approval).await?;
                report::line(format_args!("==> The site is at {}", place.site_url));
                Ok(())
            }
        }
    }

    /// Publishes the release with the configuration in the file `config` on Firebase.
    ///
    /// # Errors
    /// When there is no release, it does not go with the configuration, or the Firebase CLI fails.
    pub(crate) async fn publish_on_firebase(
        &self,
        workspace: &Workspace,
        config: &Path,
    ) -> Result<()> {
        let release = self.release(workspace, config).await?;
        firebase::publish(workspace, &release, self.firebase_project.as_deref()).await
    }

    async fn release(&self, workspace: &Workspace, config: &Path) -> Result<Release> {
        let text = fs::read_to_string(config)
            .with_context(|| format!("could not read {}", config.display()))?;
        Release::read(&self.dist(workspace), text, &self.connect).await
    }

    /// The folder of the release.
    fn dist(&self, workspace: &Workspace) -> PathBuf {
        self.dist.clone().unwrap_or_else(|| workspace.file("dist"))
    }

    fn stack<'a>(
        &self,
        workspace: &Workspace,
        target: &'a Target,
        system: &str,
    ) -> Result<HostingStack<'a>> {
        let chosen = [
            ("DomainName", &self.domain),
            ("CertificateArn", &self.certificate),
        ];
        let chosen = chosen
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        HostingStack::new(workspace, target, self.stack_name(system), chosen.collect())
    }

    /// Each system has a site of its own.
    fn stack_name(&self, system: &str) -> String {
        let name = self.stack.clone();
        name.unwrap_or_else(|| format!("{system}-hosting"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_a_hosting_stack_of_its_own() {
        let mut hosting = Hosting::default();
        assert_eq!(hosting.stack_name("velvet-rope"), "velvet-rope-hosting");
        assert_eq!(hosting.stack_name("second"), "second-hosting");
        hosting.stack = Some("sites".to_owned());
        assert_eq!(hosting.stack_name("second"), "sites");
    }
}
