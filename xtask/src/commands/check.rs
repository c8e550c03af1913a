//! `cargo xtask check`: the static checks alone.

use anyhow::Result;

use crate::{
    checks::{static_checks, tally::Tally},
    support::{cache::Cache, workspace::Workspace},
};

/// Runs the static checks; `false` when one failed.
///
/// # Errors
/// When there is no workspace or no tool cache.
pub(crate) async fn run() -> Result<bool> {
    let mut tally = Tally::default();
    static_checks::run(&Workspace::find().await?, &Cache::open()?, &mut tally).await;
    Ok(tally.finish())
}
