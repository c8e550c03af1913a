//! The end-to-end tests: the release build, the local cloud with the real template, a real browser.

use std::{
    collections::HashMap,
    num::NonZero,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Error, Result, bail};
use serde::Serialize;

use super::{
    cargo_tests::run_tests,
    not_run::{NotRun, run_again},
    tally::Count,
    times,
};
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
    release::examples,
    support::{
        cache::{self, Cache},
        checked_build::cargo_for_tests,
        ports, report,
        tools::{
            self,
            engine::{self, Engine, Programs},
        },
        workspace::{END_TO_END, SUITE, Workspace},
    },
};

/// The environment variable with the path of the file that describes the environment of the tests.
const VARIABLE: &str = "VELVET_ROPE_E2E";

/// Tests that run at once beside one for each core: most of the time a test waits. The drivers of the other browsers give
/// up on a browser that is slow to start.
const fn more_than_cores(engine: Engine) -> usize {
    match engine {
        Engine::Chromium => 4,
        Engine::Firefox | Engine::Webkit => 2,
    }
}

/// The limits of the API, so high that tests side by side never reach them. The test of throttling has its own key.
const LIMITS: [&str; 6] = [
    "UsageRate",
    "UsageBurst",
    "RouteRate",
    "RouteBurst",
    "AccountsRate",
    "AccountsBurst",
];
const LIMIT: &str = "1000";

/// The audience of the bearer tokens of the suite's provider.
const AUDIENCE: &str = "https://api.velvet-rope.example";
/// The name of the suite's provider behind the user pool.
const FEDERATED_PROVIDER: &str = "StandIn";

/// The optional parts that the tests use.
const PARTS_UNDER_TEST: [&str; 4] = ["authorizer", "ingestion", "accounts", "todo"];

/// The environment of the tests.
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
    /// The builds of the examples, each in a folder of its name.
    examples: &'a Path,
    /// The browser that the tests start.
    browser: &'a Programs,
    axe: &'a Path,
    node: &'a Path,
    /// The folder of modules that oidc-provider is in, for `node`.
    oidc_provider: &'a Path,
    /// Where screenshots and logs of failed tests go.
    artifacts: &'a Path,
    demo_user: &'static str,
    demo_password: &'static str,
}

/// What to do with the environment of the tests.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action<'a> {
    /// Run the tests whose name contains this.
    Run(Option<&'a str>),
    /// Keep it running for another test runner, until the command is stopped.
    Serve,
}

/// Starts a local cloud for the release in `dist`, and runs the tests or waits. `xtask` is a copy of this program, which
/// tests run. Where the browser is not installed, it says how to install it and runs nothing.
///
/// # Errors
/// When a tool, a build or the local cloud fails; failed tests are counted instead.
pub(crate) async fn run(
    workspace: &Workspace,
    cache: &Cache,
    xtask: &Path,
    dist: &Path,
    engine: Engine,
    action: Action<'_>,
) -> Result<Count> {
    if !workspace.has(END_TO_END) {
        bail!("the workspace has no package `{END_TO_END}`");
    }
    let browser = match engine::find(engine, cache).await? {
        Ok(browser) => browser,
        Err(missing) => {
            report::line(format_args!("    {missing}"));
            return Ok(Count::ONE_NOT_RUN);
        }
    };
    let axe = tools::node::axe(workspace, cache).await?;
    let node = tools::node::node().await?;
    let oidc_provider = tools::node::oidc_provider(workspace, cache).await?;
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let parts = PARTS_UNDER_TEST.map(parts::named);
    let parts = Result::<Vec<_>, _>::from_iter(parts).map_err(Error::msg)?;
    let mut content = Content::build(workspace, &Compiler::ForTests, &parts).await?;
    let offers = std::mem::take(&mut content.offers);

    let examples = examples::build(workspace, cache).await?;

    let artifacts = workspace.artifacts(&engine.to_string().to_lowercase());
    cache::remove_folder(&artifacts)?;
    std::fs::create_dir_all(&artifacts)
        .with_context(|| format!("could not create {}", artifacts.display()))?;
    let [site_port, cloud_port, provider_port] = ports::reserve()?;
    let plan = Plan {
        port: cloud_port,
        site_url: format!("http://localhost:{site_port}"),
        folder: artifacts.clone(),
        parameters: parameters(provider_port),
    };
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
        xtask,
        dist,
        examples: &examples,
        browser: &browser,
        axe: &axe,
        node: &node,
        oidc_provider: &oidc_provider,
        artifacts: &artifacts,
        demo_user: user::NAME,
        demo_password: user::PASSWORD,
    };
    let file = environment.write()?;

    let tests = async {
        match action {
            Action::Run(filter) => run_suite(workspace, engine, &file, &artifacts, filter).await,
            Action::Serve => serve(&file).await,
        }
    };
    tokio::select! {
        outcome = tests => outcome,
        failure = cloud.ministack.failure() => Err(failure),
    }
}

fn parameters(provider_port: u16) -> Vec<(&'static str, String)> {
    let mut parameters = vec![
        ("OidcIssuer", format!("http://localhost:{provider_port}")),
        ("OidcAudience", AUDIENCE.to_owned()),
        // The local cloud creates neither. It never reads the first; a test adds the second.
        ("ExistingOidcProvider", format!("localhost:{provider_port}")),
        ("FederatedProviderName", FEDERATED_PROVIDER.to_owned()),
    ];
    parameters.extend(LIMITS.map(|name| (name, LIMIT.to_owned())));
    parameters
}

async fn run_suite(
    workspace: &Workspace,
    engine: Engine,
    file: &Path,
    artifacts: &Path,
    filter: Option<&str>,
) -> Result<Count> {
    report::line(format_args!(
        "==> Run the end-to-end tests ({})",
        file.display()
    ));
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut command = cargo_for_tests(workspace, "test")?;
    command
        .args(["--no-fail-fast", "--test", SUITE])
        .args(filter)
        .arg("--")
        .arg(format!(
            "--test-threads={}",
            cores + more_than_cores(engine)
        ))
        .env(VARIABLE, file);
    let outcome = run_tests(command, filter).await;
    let not_run = NotRun::read(artifacts);
    let outcome = outcome.map(|count| not_run.corrected(count));
    report::line(times::slowest(artifacts) + &not_run.shown() + &run_again(artifacts));
    if !matches!(outcome, Ok(Count { failed: 0, .. })) {
        report::line(format_args!(
            "    screenshots and logs: {}",
            artifacts.display()
        ));
    }
    outcome
}

async fn serve(file: &Path) -> Result<Count> {
    let file = file.display();
    report::line(format_args!(
        "==> The environment of the end-to-end tests is ready. Run them in another terminal:\n    \
         {VARIABLE}={file} cargo nextest run --profile e2e --package {END_TO_END}\n    \
         Ctrl-C stops it."
    ));
    std::future::pending().await
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
