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
    let workspace = Workspace::find().await?;
    let dist = workspace.file("dist");
    let release = dist::build(&workspace, &Cache::open()?, &dist).await?;
    release.check_size()
}
