//! `cargo xtask`: everything that is done with this repository, in one place.
//!
//! Commands own the processes they start: whatever way a command ends, nothing of it stays behind.

mod cache;
mod check;
mod cloud;
mod deploy;
mod deploy_check;
mod destroy;
mod dist;
mod e2e;
mod hosting;
mod http_probe;
mod minify;
mod names;
mod ports;
mod process;
mod redrive;
mod report;
mod size;
mod start;
mod tally;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use crate::{cache::Cache, tally::Tally, workspace::Workspace};

/// Runs, tests and packages Velvet Rope.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the local cloud and serve the application from it, with live reload
    Start(start::Start),
    /// Deploy the system to AWS, or to a local cloud, after a look at what would change
    Deploy(Box<deploy::Deploy>),
    /// Delete what was deployed, after a look at what would go
    Destroy(destroy::Destroy),
    /// Build the release into dist/, with compressed copies, and check its size
    Dist,
    /// Publish the release in dist/ where it is hosted
    Host(hosting::command::Host),
    /// Move dead letters of user ingestion back to the queue
    Redrive(redrive::Redrive),
    /// Check formatting, lints, documentation, the template and the dependencies
    Check,
    /// Run all checks and all tests
    Test(test::Test),
}

impl Command {
    /// Runs the command; `false` when it ran to its end and has already told what failed.
    async fn run(self) -> Result<bool> {
        match self {
            Self::Start(start) => start.run().await.map(|()| true),
            Self::Deploy(deploy) => deploy.run().await.map(|deployed| deployed.is_some()),
            Self::Destroy(destroy) => destroy.run().await,
            Self::Dist => {
                let release = dist::build(&Workspace::find().await?, &Cache::open()?).await?;
                release.check_size().map(|()| true)
            }
            Self::Host(host) => host.run().await,
            Self::Redrive(redrive) => redrive.run().await.map(|()| true),
            Self::Check => {
                let mut tally = Tally::default();
                check::run(&Workspace::find().await?, &Cache::open()?, &mut tally).await;
                Ok(tally.finish())
            }
            Self::Test(test) => test.run().await,
        }
    }
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            report::error_line(format_args!("error: could not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(until_stopped(command));
    // Whatever still computes in the background has no one left to tell.
    runtime.shutdown_background();
    match outcome {
        Ok(Outcome::Finished { well: true }) => ExitCode::SUCCESS,
        Ok(Outcome::Finished { well: false }) => ExitCode::FAILURE,
        Ok(Outcome::Stopped(code)) => {
            report::line("\n==> Stopped everything that was started");
            ExitCode::from(code)
        }
        Err(error) => {
            report::error_line(format_args!("\nerror: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

enum Outcome {
    Finished { well: bool },
    Stopped(u8),
}

/// Runs `command` until it ends or someone asks to stop. Dropping it stops all that it started.
async fn until_stopped(command: Command) -> Result<Outcome> {
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for SIGTERM")?;
    let mut hangup = signal(SignalKind::hangup()).context("could not listen for SIGHUP")?;
    tokio::select! {
        outcome = command.run() => outcome.map(|well| Outcome::Finished { well }),
        // The exit codes that a shell expects of a program that a signal ended.
        _ = interrupt.recv() => Ok(Outcome::Stopped(130)),
        _ = terminate.recv() => Ok(Outcome::Stopped(143)),
        _ = hangup.recv() => Ok(Outcome::Stopped(129)),
    }
}
