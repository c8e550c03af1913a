//! `cargo xtask bench`: measures, side by side with other software. No test depends on a time.

use anyhow::Result;

use crate::{
    bench::{body, console, load, sign},
    support::{cache::Cache, workspace::Workspace},
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// How long a signed body of 10 MB keeps the main thread of Chromium busy; writes docs/performance.md
    Body,
    /// Whether the API console stays fluid in Chromium with 2,000 operations and a large document; writes docs/performance.md
    Console,
    /// How fast the start page is ready in Chromium, beside React and React with Amplify; writes docs/performance.md
    Load,
    /// The time of one signature in Chromium, beside other signers from npm; writes docs/performance.md
    Sign,
}

impl Bench {
    /// Measures, prints the table and writes it into the docs.
    ///
    /// # Errors
    /// When a tool is missing, a build fails, the signers disagree, or a page is never ready.
    pub(crate) async fn run(self) -> Result<()> {
        let workspace = Workspace::find().await?;
        let cache = Cache::open()?;
        match self.what {
            What::Body => body::run(&workspace, &cache).await,
            What::Console => console::run(&workspace, &cache).await,
            What::Load => load::run(&workspace, &cache).await,
            What::Sign => sign::run(&workspace, &cache).await,
        }
    }
}
