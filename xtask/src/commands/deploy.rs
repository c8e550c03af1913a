//! `cargo xtask deploy`: the system on AWS, or on a local cloud that is already running.

use std::{collections::HashMap, path::PathBuf};

use anyhow::{Result, bail};
use aws_sdk_cloudformation::types::Stack;

use crate::{
    aws::{
        cloudformation::{
            approval::Approval,
            parameters::{Parameters, assignment, domain_prefix, draw_api_key},
            stack::{self, StackClient},
            update,
        },
        connection::{access::advice, options::Connection, target::Target},
        functions::{
            architecture::Architecture,
            lambda::{Compiler, CrossCompiler},
        },
        system::{
            config_file::ConfigFile,
            deploy::Deployment,
            outputs::{Outputs, SiteConfig},
            parts::{self, Content, Part},
        },
    },
    hosting::options::{Address, Hosting},
    release::dist,
    support::{cache::Cache, report, workspace::Workspace},
};

/// What to say for no optional part at all.
const NO_PART: &str = "none";

/// What to deploy, and where to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Optional parts of the system, with commas between them, or `none`; without this, those that the stack has
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    pub(crate) with: Option<Vec<String>>,
    /// The processor that functions run on; without this, the one that the stack has, at first arm64, and on a local
    /// cloud this machine's
    #[arg(long)]
    pub(crate) architecture: Option<Architecture>,
    /// The origin of the site, without a slash at the end
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) site_url: Option<String>,
    /// The prefix of the sign-in pages' host name; without this, one made from the account
    #[arg(long, value_name = "PREFIX")]
    pub(crate) domain_prefix: Option<String>,
    /// A parameter of infra/template.yaml; `KEY=file://PATH` reads a secret from a file. May be given again
    #[arg(long = "parameter", value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) parameters: Vec<(String, String)>,
    /// The configuration of the site to write; without this, public/config.json
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Deploy without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Build functions for a local cloud as the tests do, which have built most of them already
    #[arg(long, hide = true)]
    pub(crate) built_for_tests: bool,
    #[command(flatten)]
    pub(crate) hosting: Hosting,
}

/// The values that the stack has for its parameters; `None` when there is no stack.
type Current = Option<HashMap<String, String>>;

impl Deploy {
    /// Builds, uploads, shows what would change, deploys and publishes once the user agrees, and writes the configuration.
    /// `false` when the user does not agree.
    ///
    /// # Errors
    /// When any of that fails, and when there is no terminal to ask on.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let cache = Cache::open()?;
        let config = self.config.clone();
        let config = config.unwrap_or_else(|| workspace.file("public/config.json"));
        let file = ConfigFile::open(config.clone(), &workspace)?;
        // What cannot be published is not deployed for.
        if self.hosting.kind.is_some() && self.hosting.dist.is_none() {
            let dist = workspace.file("dist");
            dist::build(&workspace, &cache, &dist).await?.check_size()?;
        }

        let target = self.connection.open().await?;
        let stack = &self.connection.stack;
        let approval = Approval::by_flag(self.yes);
        report::line(format_args!(
            "==> The stack {stack}, in {}",
            target.location.shown()
        ));
        let hosting = &self.hosting;
        let address = hosting
            .address(&workspace, &target, stack, approval)
            .await?;
        if address == Address::Declined {
            report::line("==> Nothing was deployed");
            return Ok(false);
        }
        let current = current(&target, stack).await?;
        let parts = self.parts(&current)?;
        let parameters = self.parameters(&target, &current, &address)?;
        let compiler = self.compiler(&workspace, &cache, &target, &current).await?;
        let content = Content::build(&workspace, &compiler, &parts).await?;
        let offers = content.offers.clone();

        let deployment = Deployment {
            stack: stack.clone(),
            content,
            parameters,
        };
        let publication = hosting.announcement(&address, stack);
        let deployed = deploy(deployment, &workspace, &target, approval, publication).await;
        let deployed = deployed.map_err(|error| match advice(&format!("{error:#}")) {
            Some(advice) => error.context(advice),
            None => error,
        })?;
        let Some(deployed) = deployed else {
            report::line("==> The system was not deployed");
            return Ok(false);
        };
        let outputs = Outputs::read(&stack::outputs(&deployed))?;
        let mut site = SiteConfig::of(&outputs, target.location.local_port)?;
        site.offer(&offers);
        file.write(&site)?;
        hosting
            .publish(&workspace, &target, stack, &config, approval)
            .await?;
        Ok(true)
    }

    fn parts(&self, current: &Current) -> Result<Vec<&'static Part>> {
        let has = parts::of_stack(|name| current.as_ref()?.get(name).map(String::as_str));
        let Some(names) = &self.with else {
            if !has.is_empty() {
                report::line(format_args!(
                    "==> With the parts that it has: {} (--with chooses others)",
                    listed(&has)
                ));
            }
            return Ok(has);
        };
        if names.iter().all(|name| name == NO_PART) {
            warn_of_leaving(&has, &[]);
            return Ok(Vec::new());
        }
        let part_called = |name: &String| {
            parts::named(name).map_err(|there_is| anyhow::anyhow!("--with {name}: {there_is}"))
        };
        let parts = names.iter().map(part_called).collect::<Result<Vec<_>>>()?;
        warn_of_leaving(&has, &parts);
        Ok(parts)
    }

    fn parameters(
        &self,
        target: &Target,
        current: &Current,
        address: &Address,
    ) -> Result<Parameters> {
        let mut parameters = Parameters::default();
        if let Some(site_url) = &self.site_url {
            parameters.give("SiteUrl", site_url);
        } else if let Address::Of(place) = address {
            parameters.give("SiteUrl", &place.site_url);
        }
        if let Some(prefix) = &self.domain_prefix {
            parameters.give("DomainPrefix", prefix);
        }
        parameters.given.extend(self.parameters.iter().cloned());
        let is_given = |name: &str| parameters.given.iter().any(|(given, _)| given == name);

        let stack = &self.connection.stack;
        let prefix = domain_prefix(&target.location, stack);
        if current.is_none() {
            if !is_given("DomainPrefix") {
                report::line(format_args!(
                    "==> Users sign in at {prefix}.auth.{}.amazoncognito.com (--domain-prefix chooses another name)",
                    target.location.region
                ));
            }
            if !is_given("SiteUrl") {
                report::line(
                    "==> The site is http://localhost:8080: sign-in returns there, and the API answers no other \
                     origin (--site-url chooses another one, now or later)",
                );
            }
        }
        parameters.at_first = vec![
            ("DomainPrefix".to_owned(), prefix),
            ("ApiKeyValue".to_owned(), draw_api_key()?),
        ];
        Ok(parameters)
    }

    async fn compiler(
        &self,
        workspace: &Workspace,
        cache: &Cache,
        target: &Target,
        current: &Current,
    ) -> Result<Compiler> {
        let architecture = if target.location.local_port.is_some() {
            let host = Architecture::of_this_machine()?;
            let Some(architecture) = self.architecture else {
                return Ok(if self.built_for_tests {
                    Compiler::ForTests
                } else {
                    Compiler::Native
                });
            };
            if architecture != host {
                bail!(
                    "a local cloud runs the functions on this machine, which is {}: --architecture {} is for AWS",
                    host.name(),
                    architecture.name()
                );
            }
            architecture
        } else {
            let current = current
                .as_ref()
                .and_then(|values| values.get("Architecture"));
            let current = current.and_then(|name| Architecture::named(name));
            self.architecture.or(current).unwrap_or(Architecture::Arm64)
        };
        let cross = CrossCompiler::ensure(workspace, cache, architecture).await?;
        Ok(Compiler::Cross(cross))
    }
}

/// Deploys once the user has seen the changes, and what is published after them, and agrees. `None` when the user does
/// not.
async fn deploy(
    deployment: Deployment,
    workspace: &Workspace,
    target: &Target,
    approval: Approval,
    publication: Option<String>,
) -> Result<Option<Stack>> {
    let Some(plan) = deployment.plan(workspace, target, approval).await? else {
        return Ok(None);
    };
    plan.show();
    if let Some(publication) = &publication {
        report::line(format_args!("    After that: {publication}"));
    }
    let is_change = plan.is_change() || publication.is_some();
    if is_change && !plan.agreed(approval).await? {
        return Ok(None);
    }
    plan.execute().await.map(Some)
}

fn listed(parts: &[&Part]) -> String {
    let names: Vec<_> = parts.iter().map(|part| part.name).collect();
    names.join(", ")
}

/// Warns of the parts that are switched off, in addition to the changes of their resources.
fn warn_of_leaving(has: &[&'static Part], chosen: &[&'static Part]) {
    let leaving: Vec<_> = has
        .iter()
        .copied()
        .filter(|part| !chosen.contains(part))
        .collect();
    if !leaving.is_empty() {
        report::line(format_args!(
            "==> WARNING: --with leaves out what the stack has: {}; everything in it is deleted",
            listed(&leaving)
        ));
    }
}

async fn current(target: &Target, stack: &str) -> Result<Current> {
    let existing = StackClient::new(target, stack).describe().await?;
    Ok(existing.filter(update::is_live).map(|existing| {
        let values = stack::parameters(&existing).into_iter();
        values
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::aws::cloudformation::parameters::Value;

    #[derive(Debug, Parser)]
    struct Arguments {
        #[command(flatten)]
        deploy: Deploy,
    }

    fn deploy(arguments: &[&str]) -> Deploy {
        let arguments = std::iter::once(&"deploy").chain(arguments);
        Arguments::try_parse_from(arguments).unwrap().deploy
    }

    fn names(parts: &[&Part]) -> Vec<&'static str> {
        parts.iter().map(|part| part.name).collect()
    }

    #[test]
    fn parts_are_those_named_and_without_names_those_that_the_stack_has() {
        let has_ingestion = Some(HashMap::from([(
            "IngestionTemplateKey".to_owned(),
            "ingestion-1.yaml".to_owned(),
        )]));
        let unnamed = deploy(&[]);
        assert_eq!(
            names(&unnamed.parts(&has_ingestion).unwrap()),
            ["ingestion"]
        );
        assert!(unnamed.parts(&None).unwrap().is_empty());
        let named = deploy(&["--with", "authorizer,ingestion"]);
        assert_eq!(
            names(&named.parts(&None).unwrap()),
            ["authorizer", "ingestion"]
        );
        let none = deploy(&["--with", "none"]);
        assert!(none.parts(&has_ingestion).unwrap().is_empty());
        let wrong = deploy(&["--with", "authoriser"]);
        let message = wrong.parts(&None).unwrap_err().to_string();
        assert!(
            message.starts_with("--with authoriser: there is no such part"),
            "{message}"
        );
    }

    #[test]
    fn a_parameter_that_is_given_by_name_wins_over_the_option() {
        let deploy = deploy(&[
            "--site-url",
            "https://one.example",
            "--parameter",
            "SiteUrl=https://two.example",
            "--parameter",
            "UsageRate=7",
        ]);
        let target = Target::for_tests(None);
        let parameters = deploy
            .parameters(&target, &None, &Address::Elsewhere)
            .unwrap();
        let decided = parameters.decide(
            &["SiteUrl", "UsageRate", "DomainPrefix", "ApiKeyValue"],
            None,
        );
        let values: Vec<_> = decided
            .into_iter()
            .map(|(_, value)| match value {
                Value::New(value) => value,
                Value::Kept => "(kept)".to_owned(),
            })
            .collect();
        assert_eq!(values[..2], ["https://two.example", "7"]);
        assert!(values[2].starts_with("velvet-rope-"), "{values:?}");
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn a_local_cloud_is_named_by_its_address() {
        assert_eq!(
            deploy(&["--endpoint", "http://localhost:4600"])
                .connection
                .endpoint,
            Some(4600)
        );
        assert!(
            Arguments::try_parse_from(["deploy", "--endpoint", "https://aws.example"]).is_err()
        );
        assert!(Arguments::try_parse_from(["deploy", "--parameter", "UsageRate"]).is_err());
    }
}
