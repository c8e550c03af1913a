//! `cargo xtask`: everything that is done with this repository, in one place.
//!
//! Commands own the processes they start: whatever way a command ends, nothing of it stays behind.

#![cfg_attr(
    not(feature = "aws"),
    expect(
        dead_code,
        reason = "the commands of the feature use more of the modules below them"
    )
)]

mod aws;
mod bench;
mod checks;
mod commands;
#[cfg(feature = "aws")]
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

#[cfg(not(feature = "aws"))]
use crate::commands::with_aws::{
    WithAws as Deploy, WithAws as Destroy, WithAws as Host, WithAws as Redrive, WithAws as Smoke,
};
#[cfg(feature = "aws")]
use crate::commands::{
    deploy::Deploy, destroy::Destroy, host::Host, redrive::Redrive, smoke::Smoke,
};
use crate::{
    commands::{
        bench::Bench, check, clean::Clean, dist, doctor::Doctor, size, start::Start, test::Test,
    },
    support::{checked_build, report},
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
    /// Print which crates and modules the bytes of the app belong to
    Size,
    /// Publish the release in dist/ where it is hosted
    Host(Host),
    /// Move dead letters of user ingestion back to the queue
    Redrive(Redrive),
    /// Compare the configuration of a site with the system that it names
    Doctor(Doctor),
    /// Check a deployed system from outside: sign-in, calls, renewal, headers, CORS
    Smoke(Smoke),
    /// Measure, side by side with other software
    Bench(Bench),
    /// Check formatting, lints, documentation, the template and the dependencies
    Check,
    /// Remove what was built; with --all what was installed, too
    Clean(Clean),
    /// Run all checks and all tests
    Test(Test),
}

impl Command {
    /// Runs the command; `false` when it ran to its end and has already reported what failed.
    #[cfg(feature = "aws")]
    async fn run(self) -> Result<bool> {
        match self {
            Self::Start(start) => Box::pin(start.run()).await.map(|()| true),
            Self::Deploy(deploy) => deploy.run().await,
            Self::Destroy(destroy) => destroy.run().await,
            Self::Dist => dist::run().await.map(|()| true),
            Self::Size => size::run().await.map(|()| true),
            Self::Host(host) => host.run().await,
            Self::Redrive(redrive) => redrive.run().await.map(|()| true),
            Self::Smoke(smoke) => smoke.run().await,
            Self::Doctor(doctor) => doctor.run().await,
            Self::Bench(bench) => bench.run().await.map(|()| true),
            Self::Check => check::run().await,
            Self::Clean(clean) => clean.run().await.map(|()| true),
            Self::Test(test) => test.run().await,
        }
    }

    /// As above, for a build without the feature `aws`.
    #[cfg(not(feature = "aws"))]
    async fn run(self) -> Result<bool> {
        let (command, arguments) = match self {
            Self::Start(start) => return Box::pin(start.run()).await.map(|()| true),
            Self::Dist => return dist::run().await.map(|()| true),
            Self::Bench(bench) => return bench.run().await.map(|()| true),
            Self::Size => return size::run().await.map(|()| true),
            Self::Doctor(doctor) => return doctor.run().await,
            Self::Check => return check::run().await,
            Self::Clean(clean) => return clean.run().await.map(|()| true),
            Self::Test(test) => return test.run().await,
            Self::Deploy(arguments) => ("deploy", *arguments),
            Self::Destroy(arguments) => ("destroy", arguments),
            Self::Host(arguments) => ("host", arguments),
            Self::Redrive(arguments) => ("redrive", arguments),
            Self::Smoke(arguments) => ("smoke", arguments),
        };
        match arguments.run(command).await? {}
    }
}

fn main() -> ExitCode {
    if let Some(code) = checked_build::run_as_compiler() {
        return code;
    }
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

/// Runs `command` until it ends or a signal asks it to stop. Dropping it stops all that it started.
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
