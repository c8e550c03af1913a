//! `cargo xtask host`: publishing what is in `dist/` already, and trying that out.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{firebase, release::Release, trial};
use crate::{cache::Cache, report, workspace::Workspace};

/// What to do with the release in `dist/`.
#[derive(Debug, clap::Args)]
pub(crate) struct Host {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Publish dist/ on Firebase Hosting, by the Firebase CLI
    Firebase(Firebase),
    /// Publish dist/ on the local cloud's S3 and CloudFront, and check each answer
    Trial,
    /// Write infra/firebase.json anew from the rules
    Template,
}

#[derive(Debug, clap::Args)]
struct Firebase {
    /// The config.json to publish
    #[arg(long, default_value = "public/config.json")]
    config: PathBuf,
    /// The Firebase project; by default the one that `firebase use` chose
    #[arg(long)]
    project: Option<String>,
    /// The https address of a further host that the page may talk to
    #[arg(long, value_name = "ADDRESS")]
    connect: Vec<String>,
}

impl Host {
    /// Runs the action; `false` when it ran to its end and has already told what failed.
    ///
    /// # Errors
    /// When there is no release, or it cannot be published.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        match self.action {
            Action::Template => firebase::write_template(&workspace).map(|()| true),
            Action::Trial => {
                let dist = workspace.file("dist");
                let count = trial::run(&workspace, &Cache::open()?, &dist).await?;
                report::line(format_args!(
                    "    {} passed, {} failed",
                    count.passed, count.failed
                ));
                Ok(count.failed == 0)
            }
            Action::Firebase(Firebase {
                config,
                project,
                connect,
            }) => {
                let config = workspace.file(config);
                let text = std::fs::read_to_string(&config)
                    .with_context(|| format!("could not read {}", config.display()))?;
                let release = Release::read(&workspace.file("dist"), text, &connect).await?;
                firebase::publish(&workspace, &release, project.as_deref()).await?;
                Ok(true)
            }
        }
    }
}
