//! `cargo xtask doctor`: compares the configuration of a site with the system that it names.

use std::path::PathBuf;

use anyhow::Result;

use super::site_check;
use crate::support::{process, report, workspace::Workspace};

/// Which site to check.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The address of the site, whose config.json is read, and whose origin CORS has to allow
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080")]
    site: String,
    /// Another configuration in place of the site's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Doctor {
    /// Runs the checks, prints each, and returns whether none of them failed.
    ///
    /// # Errors
    /// When the checks cannot be made: the site has no configuration, or one with mistakes.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let mut command = site_check::program(&workspace, "doctor").await?;
        report::line(format_args!("==> Check {}", self.site));
        command.arg(&self.site).args(self.config);
        let status = process::run_reading(command, |line| report::line(line)).await?;
        Ok(status.success())
    }
}
