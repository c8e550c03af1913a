//! The test of `cargo xtask deploy` and `cargo xtask destroy`: what people would do with them, on a local cloud of its
//! own.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{deploy::Deploy, destroy::Destroy};
use crate::{
    aws::{
        LOCAL_REGION,
        cloudformation::stack::{self, StackClient},
        connection::target::{Connection, Target},
        functions::bucket::CodeBucket,
        ministack::{self, MiniStack},
    },
    checks::tally::Count,
    hosting::options::Hosting,
    support::{cache::Cache, ports, process, report, tools, workspace::Workspace},
};

const STACK: &str = "velvet-rope-try";

/// Deploys, deploys again, changes a parameter, declines, and destroys.
///
/// # Errors
/// When any of that does something else than it should.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache) -> Result<Count> {
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let folder = workspace.artifacts().join("deploy");
    crate::support::cache::remove_folder(&folder)?;
    let port = ports::free()?;
    let mut ministack = MiniStack::start(&program, port, &folder).await?;
    let check = Check {
        port,
        config: folder.join("config.json"),
    };
    let mut count = Count::default();
    tokio::select! {
        outcome = Box::pin(check.run(&mut count)) => outcome.map(|()| count),
        failure = ministack.failure() => Err(failure),
    }
}

struct Check {
    port: u16,
    config: PathBuf,
}

impl Check {
    async fn run(&self, count: &mut Count) -> Result<()> {
        let mut passed = |what: &str| {
            report::line(format_args!("    passed: {what}"));
            count.passed += 1;
        };
        let target = Target::local(self.port, LOCAL_REGION).await?;
        let client = StackClient::new(&target, STACK);

        ensure!(
            self.deploy("3").await? == Some(true),
            "a new stack changes nothing"
        );
        let first = self.read()?;
        passed("a first deployment creates the stack and writes the configuration");

        ensure!(
            self.deploy("3").await? == Some(false),
            "the same again changes something"
        );
        ensure!(
            self.read()? == first,
            "the same again writes another configuration"
        );
        passed("the same again changes nothing");

        let mut edited = first.clone();
        edited["session"]["idle_minutes"] = json!(20);
        self.write(&edited)?;
        ensure!(
            self.deploy("4").await? == Some(true),
            "a changed parameter changes nothing"
        );
        ensure!(
            self.read()? == edited,
            "an update loses what people wrote, or the API key"
        );
        let existing = client.describe().await?.context("the stack is gone")?;
        let rate = stack::parameters(&existing).get("UsageRate").copied();
        ensure!(rate == Some("4"), "the parameter is {rate:?}");
        passed("a changed parameter is deployed, and the API key and what people wrote stay");

        let unknown = self
            .refused(&["--yes", "--parameter", "UsageRat=4"])
            .await?;
        ensure!(unknown.contains("it has SiteUrl, "), "{unknown}");
        let short = self
            .refused(&["--yes", "--parameter", "ApiKeyValue=short"])
            .await?;
        ensure!(short.contains("ApiKeyValue"), "{short}");
        passed("a parameter that the template does not take is refused in words");

        let nobody = self.refused(&["--stack", "velvet-rope-declined"]).await?;
        ensure!(nobody.contains("--yes"), "{nobody}");
        let planned = StackClient::new(&target, "velvet-rope-declined")
            .describe()
            .await?;
        ensure!(
            planned.is_none(),
            "the stack that nobody agreed to is there"
        );
        passed("without anybody to agree nothing is deployed, and nothing of the plan stays");

        ensure!(self.destroy().await?, "the stack was not deleted");
        ensure!(
            client.describe().await?.is_none(),
            "the stack is still there"
        );
        ensure!(
            !CodeBucket::of(&target).exists().await?,
            "the bucket is still there"
        );
        ensure!(
            self.destroy().await?,
            "deleting what is not there is a failure"
        );
        passed("the stack and its bucket are deleted, and deleting them again is no failure");
        Ok(())
    }

    fn connection(&self) -> Connection {
        Connection {
            profile: None,
            region: None,
            endpoint: Some(self.port),
            stack: STACK.to_owned(),
        }
    }

    async fn deploy(&self, rate: &str) -> Result<Option<bool>> {
        let deploy = Deploy {
            connection: self.connection(),
            with: None,
            architecture: None,
            site_url: Some("https://app.example.com".to_owned()),
            domain_prefix: None,
            parameters: vec![("UsageRate".to_owned(), rate.to_owned())],
            config: Some(self.config.clone()),
            yes: true,
            hosting: Hosting::default(),
        };
        deploy.run().await
    }

    async fn destroy(&self) -> Result<bool> {
        let destroy = Destroy {
            connection: self.connection(),
            code_bucket: true,
            yes: true,
        };
        destroy.run().await
    }

    /// What a deployment says that is to fail. It is a process of its own, because it must have no terminal.
    async fn refused(&self, arguments: &[&str]) -> Result<String> {
        let program = std::env::current_exe().context("could not find this program")?;
        let mut command = Command::new(program);
        command
            .args([
                "deploy",
                "--endpoint",
                &ministack::url(self.port),
                "--config",
            ])
            .arg(&self.config)
            .args(arguments);
        match process::output(command).await {
            Ok(_) => bail!("`deploy {}` should have failed", arguments.join(" ")),
            Err(refusal) => Ok(format!("{refusal:#}")),
        }
    }

    fn read(&self) -> Result<Value> {
        let text = std::fs::read_to_string(&self.config).context("there is no configuration")?;
        serde_json::from_str(&text).context("the configuration is no JSON")
    }

    fn write(&self, config: &Value) -> Result<()> {
        let text = serde_json::to_string(config).context("could not write JSON")?;
        std::fs::write(&self.config, text).context("could not write the configuration")
    }
}
