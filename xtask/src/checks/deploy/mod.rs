//! The test of `cargo xtask deploy` and `cargo xtask destroy`: the commands as users run them, without a terminal, on a
//! local cloud of its own.

mod hosting;
mod system;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use aws_sdk_cloudformation::Client;
use tokio::process::Command;

use super::tally::Count;
use crate::{
    aws::{
        LOCAL_REGION,
        cloudformation::stack::{self, StackClient},
        connection::target::Target,
        ministack::{self, MiniStack},
    },
    support::{
        cache::{self, Cache},
        ports, process, report, tools,
        workspace::Workspace,
    },
};

/// Runs all scenarios with a copy of this program, in an order in which a later one finds what an earlier one built.
///
/// # Errors
/// When a command does something else than it should.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache, xtask: &Path) -> Result<Count> {
    let program = tools::python::ensure(workspace, cache, "ministack").await?;
    let folder = workspace.target.join("test/deploy");
    cache::remove_folder(&folder)?;
    let port = ports::free()?;
    let mut ministack = MiniStack::start(&program, port, &folder).await?;
    let scenarios = async {
        let mut check = Check {
            xtask: xtask.to_owned(),
            port,
            target: Target::local(port, LOCAL_REGION).await?,
            folder,
            count: Count::default(),
        };
        system::run(&mut check).await?;
        hosting::run(&mut check).await?;
        Ok(check.count)
    };
    tokio::select! {
        outcome = Box::pin(scenarios) => outcome,
        failure = ministack.failure() => Err(failure),
    }
}

/// The local cloud, and what has passed so far.
struct Check {
    xtask: PathBuf,
    port: u16,
    target: Target,
    folder: PathBuf,
    count: Count,
}

/// How a command ended.
struct Outcome {
    succeeded: bool,
    /// What it wrote to standard output and to standard error.
    output: String,
}

impl Check {
    fn passed(&mut self, what: &str) {
        report::line(format_args!("    passed: {what}"));
        self.count.passed += 1;
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config.json")
    }

    fn client(&self, stack: &str) -> StackClient<'_> {
        StackClient::new(&self.target, stack)
    }

    async fn has_stack(&self, stack: &str) -> Result<bool> {
        Ok(self.client(stack).describe().await?.is_some())
    }

    /// The names of all stacks.
    async fn stacks(&self) -> Result<Vec<String>> {
        let client = Client::new(&self.target.sdk_config);
        let mut pages = client.describe_stacks().into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(stack) = pages.next().await {
            let stack = stack.context("could not list the stacks")?;
            if stack::status(&stack) != "DELETE_COMPLETE" {
                names.extend(stack.stack_name().map(str::to_owned));
            }
        }
        Ok(names)
    }

    /// The events of a stack, newest first: the resource and its status.
    async fn events(&self, stack: &str) -> Result<Vec<(String, String)>> {
        let client = Client::new(&self.target.sdk_config);
        let request = client.describe_stack_events().stack_name(stack);
        let mut pages = request.into_paginator().send();
        let mut events = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.context("could not read the events")?;
            for event in page.stack_events() {
                let resource = event.logical_resource_id().unwrap_or_default();
                let status = event.resource_status().map_or("", |status| status.as_str());
                events.push((resource.to_owned(), status.to_owned()));
            }
        }
        Ok(events)
    }

    /// The value of a parameter of a stack that is there.
    async fn parameter(&self, stack: &str, name: &str) -> Result<Option<String>> {
        let existing = self.client(stack).describe().await?;
        let existing = existing.with_context(|| format!("there is no stack {stack}"))?;
        Ok(stack::parameters(&existing)
            .get(name)
            .map(|value| (*value).to_owned()))
    }

    async fn xtask(&self, arguments: &[&str]) -> Result<Outcome> {
        let mut command = Command::new(&self.xtask);
        command
            .args(arguments)
            .args(["--endpoint", &ministack::url(self.port)]);
        let mut output = String::new();
        let succeeded = process::run_reading_all(command, |line| {
            report::line(format_args!("    | {line}"));
            output.push_str(line);
            output.push('\n');
        })
        .await?
        .success();
        Ok(Outcome { succeeded, output })
    }

    /// Runs `deploy`, which is to succeed, and returns its output.
    async fn deploy(&self, stack: &str, arguments: &[&str]) -> Result<String> {
        let Outcome { succeeded, output } = self.try_deploy(stack, arguments).await?;
        ensure!(succeeded, "`deploy {}` failed", arguments.join(" "));
        Ok(output)
    }

    /// Runs `deploy`, which is to fail, and returns its output.
    async fn refused(&self, stack: &str, arguments: &[&str]) -> Result<String> {
        let Outcome { succeeded, output } = self.try_deploy(stack, arguments).await?;
        ensure!(
            !succeeded,
            "`deploy {}` should have failed",
            arguments.join(" ")
        );
        Ok(output)
    }

    async fn try_deploy(&self, stack: &str, arguments: &[&str]) -> Result<Outcome> {
        let config = self.config();
        let config = path(&config)?;
        let common = [
            "deploy",
            "--built-for-tests",
            "--stack",
            stack,
            "--config",
            config,
        ];
        self.xtask(&[&common, arguments].concat()).await
    }

    /// Runs `destroy`, which is to succeed.
    async fn destroy(&self, stack: &str, arguments: &[&str]) -> Result<()> {
        let common = ["destroy", "--stack", stack, "--yes"];
        let outcome = self.xtask(&[&common, arguments].concat()).await?;
        ensure!(outcome.succeeded, "the stack {stack} was not deleted");
        Ok(())
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no Unicode")
}
