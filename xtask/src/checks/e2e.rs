//! The end-to-end tests: the release build, the local cloud with the real template, a real browser.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Error, Result, bail};
use serde::Serialize;

use super::{cargo_tests::run_tests, tally::Count};
use crate::{
    aws::{
        functions::lambda::Compiler,
        ministack,
        system::{
            local::{LocalCloud, Plan},
            outputs::{Route, SiteConfig},
            parts::{self, Content},
            user,
        },
    },
    support::{
        cache::{self, Cache},
        ports, report, tools,
        workspace::{END_TO_END, Workspace, cargo},
    },
};

/// Where the tests find the file that describes their environment.
const VARIABLE: &str = "VELVET_ROPE_E2E";

/// Low enough that a test can exceed them within a second.
const USAGE_RATE: &str = "5";
const USAGE_BURST: &str = "10";

/// What the API's bearer tokens of the suite's provider are for.
const AUDIENCE: &str = "https://api.velvet-rope.example";
/// The name of the suite's provider behind the user pool.
const FEDERATED_PROVIDER: &str = "StandIn";

/// The optional parts that the tests need.
const PARTS_UNDER_TEST: [&str; 3] = ["authorizer", "ingestion", "accounts"];

/// What the tests need to know of their environment.
#[derive(Debug, Serialize)]
struct Environment<'a> {
    /// The port that the tests are to serve `dist` on.
    site_port: u16,
    cloud_port: u16,
    cloud_url: String,
    /// The `config.json` to serve with it, for a system without optional parts.
    config: &'a SiteConfig,
    /// The routes of the optional parts, all of which are there.
    routes_of_parts: &'a [Route],
    /// The outputs of the stack.
    outputs: &'a HashMap<String, String>,
    /// The port of the provider that the system trusts beside its user pool.
    provider_port: u16,
    /// What that provider's access tokens for the API say in `aud`.
    audience: &'static str,
    /// The name under which the user pool is to know that provider.
    federated_provider: &'static str,
    /// This program, for tests of its subcommands.
    xtask: &'a Path,
    dist: &'a Path,
    chromium: &'a Path,
    chromedriver: &'a Path,
    axe: &'a Path,
    node: &'a Path,
    /// The folder of modules that oidc-provider is in, for `node`.
    oidc_provider: &'a Path,
    /// Where screenshots and logs of failed tests go.
    artifacts: &'a Path,
    demo_user: &'static str,
    demo_password: &'static str,
}

/// Brings up a local cloud for the release in `dist`, and runs the tests.
///
/// # Errors
/// When any of that cannot be had; failed tests are counted instead.
pub(crate) async fn run(
    workspace: &Workspace,
    cache: &Cache,
    dist: &Path,
    filter: Option<&str>,
) -> Result<Count> {
    if !workspace.has(END_TO_END) {
        bail!("the workspace has no package `{END_TO_END}`");
    }
    let browser = tools::browser::ensure().await?;
    let axe = tools::node::axe(workspace, cache).await?;
    let node = tools::node::node().await?;
    let oidc_provider = tools::node::oidc_provider(workspace, cache).await?;
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let parts = PARTS_UNDER_TEST.map(parts::named);
    let parts = Result::<Vec<_>, _>::from_iter(parts).map_err(Error::msg)?;
    let mut content = Content::build(workspace, &Compiler::Native, &parts).await?;
    let offers = std::mem::take(&mut content.offers);
    let xtask = std::env::current_exe().context("could not find out where this command is")?;

    let artifacts = workspace.artifacts();
    cache::remove_folder(&artifacts)?;
    std::fs::create_dir_all(&artifacts)
        .with_context(|| format!("could not create {}", artifacts.display()))?;
    let (site_port, cloud_port, provider_port) = (ports::free()?, ports::free()?, ports::free()?);
    let plan = plan(cloud_port, site_port, provider_port, artifacts.clone());
    let mut cloud = LocalCloud::start(workspace, &program, content, plan).await?;
    let environment = Environment {
        site_port,
        cloud_port,
        cloud_url: ministack::url(cloud_port),
        config: &cloud.config,
        routes_of_parts: &offers.routes,
        outputs: &cloud.outputs,
        provider_port,
        audience: AUDIENCE,
        federated_provider: FEDERATED_PROVIDER,
        xtask: &xtask,
        dist,
        chromium: &browser.chromium,
        chromedriver: &browser.chromedriver,
        axe: &axe,
        node: &node,
        oidc_provider: &oidc_provider,
        artifacts: &artifacts,
        demo_user: user::NAME,
        demo_password: user::PASSWORD,
    };
    let file = environment.write()?;

    report::line(format_args!(
        "==> Run the end-to-end tests ({})",
        file.display()
    ));
    let mut command = cargo();
    command
        .args(["test", "--package", END_TO_END])
        .args(filter)
        // They share one browser profile, one cloud and its usage plan.
        .args(["--", "--test-threads=1"])
        .env(VARIABLE, &file)
        .current_dir(&workspace.root);
    let outcome = tokio::select! {
        outcome = run_tests(command, filter) => outcome,
        failure = cloud.ministack.failure() => Err(failure),
    };
    if !matches!(outcome, Ok(Count { failed: 0, .. })) {
        report::line(format_args!(
            "    screenshots and logs: {}",
            artifacts.display()
        ));
    }
    outcome
}

/// The local cloud that the tests need.
fn plan(port: u16, site_port: u16, provider_port: u16, folder: PathBuf) -> Plan {
    Plan {
        port,
        site_url: format!("http://localhost:{site_port}"),
        folder,
        parameters: vec![
            ("UsageRate", USAGE_RATE.to_owned()),
            ("UsageBurst", USAGE_BURST.to_owned()),
            ("OidcIssuer", format!("http://localhost:{provider_port}")),
            ("OidcAudience", AUDIENCE.to_owned()),
            // The local cloud creates neither from a template. It ignores the first; a test adds the second.
            ("ExistingOidcProvider", format!("localhost:{provider_port}")),
            ("FederatedProviderName", FEDERATED_PROVIDER.to_owned()),
        ],
    }
}

impl Environment<'_> {
    fn write(&self) -> Result<PathBuf> {
        let file = self.artifacts.join("cloud.json");
        let text = serde_json::to_string_pretty(self).context("could not write JSON")?;
        std::fs::write(&file, text)
            .with_context(|| format!("could not write {}", file.display()))?;
        Ok(file)
    }
}
