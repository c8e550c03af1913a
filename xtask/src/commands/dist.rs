//! `cargo xtask dist`: the release build, which fails when it is too large.

use anyhow::Result;

use crate::{
    release::dist,
    support::{cache::Cache, workspace::Workspace},
};

/// Builds the release into `dist/` and checks its size.
///
/// # Errors
/// When the build fails or the first load is over the budget.
pub(crate) async fn run() -> Result<()> {
    let release = dist::build(&Workspace::find().await?, &Cache::open()?).await?;
    release.check_size()
}
