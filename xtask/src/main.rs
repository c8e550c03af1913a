//! `cargo xtask`: everything that is done with this repository, in one place.
//!
//! Commands own the processes they start: whatever way a command ends, nothing of it stays behind.

mod aws;
mod checks;
mod commands;
mod hosting;
mod release;
mod support;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use crate::{
    commands::{
        check, clean::Clean, deploy::Deploy, destroy::Destroy, dist, host::Host, redrive::Redrive,
        smoke::Smoke, start::Start, test::Test,
    },
    support::report,
};

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
    Start(Start),
    /// Deploy the system to AWS, or to a local cloud, after a look at what would change
    Deploy(Box<Deploy>),
    /// Delete what was deployed, after a look at what would go
    Destroy(Destroy),
    /// Build the release into dist/, with compressed copies, and check its size
    Dist,
    /// Publish the release in dist/ where it is hosted
    Host(Host),
    /// Move dead letters of user ingestion back to the queue
    Redrive(Redrive),
    /// Check a deployed system from outside: sign-in, calls, renewal, headers, CORS
    Smoke(Smoke),
    /// Check formatting, lints, documentation, the template and the dependencies
    Check,
    /// Remove what was built; with --all what was installed, too
    Clean(Clean),
    /// Run all checks and all tests
    Test(Test),
}

impl Command {
    /// Runs the command; `false` when it ran to its end and has already told what failed.
    async fn run(self) -> Result<bool> {
        match self {
            Self::Start(start) => Box::pin(start.run()).await.map(|()| true),
            Self::Deploy(deploy) => deploy.run().await,
            Self::Destroy(destroy) => destroy.run().await,
            Self::Dist => dist::run().await.map(|()| true),
            Self::Host(host) => host.run().await,
            Self::Redrive(redrive) => redrive.run().await.map(|()| true),
            Self::Smoke(smoke) => smoke.run().await,
            Self::Check => check::run().await,
            Self::Clean(clean) => clean.run().await.map(|()| true),
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
    // The result of what still runs in the background is not needed any more.
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
