//! Commands that need the feature `aws`, in a build without it: they build `xtask` with it and run there.

use std::{convert::Infallible, ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::{Context as _, Result};

use crate::support::workspace::std_cargo;

/// The arguments, which the build with the feature reads.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct WithAws {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl WithAws {
    /// Becomes the build with the feature; Cargo makes it first if it is not there.
    ///
    /// # Errors
    /// When Cargo cannot be started.
    pub(crate) fn run(&self, command: &str) -> Result<Infallible> {
        let mut cargo = std_cargo();
        cargo
            .args([
                "run",
                "--package",
                "xtask",
                "--features",
                "aws",
                "--",
                command,
            ])
            .args(&self.arguments);
        Err(cargo.exec()).context("could not start cargo")
    }
}
