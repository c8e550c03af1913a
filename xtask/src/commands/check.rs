//! `cargo xtask check`: the static checks alone.

use anyhow::Result;

use crate::{
    checks::{static_checks, tally::Tally},
    support::{cache::Cache, own_program, workspace::Workspace},
};

/// Runs the static checks; `false` when one failed.
///
/// # Errors
/// When there is no workspace or no tool cache.
pub(crate) async fn run() -> Result<bool> {
    let mut tally = Tally::default();
    let (workspace, cache) = (Workspace::find().await?, Cache::open()?);
    own_program::copy(&workspace)?;
    static_checks::run(&workspace, &mut tally).await;
    static_checks::tooling(&workspace, &cache, &mut tally).await;
    Ok(tally.finish())
}
