//! One file for each subcommand of `cargo xtask`: its options, and the order of its steps.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod clean;
#[cfg(feature = "aws")]
pub(crate) mod deploy;
#[cfg(feature = "aws")]
pub(crate) mod destroy;
pub(crate) mod dist;
pub(crate) mod doctor;
#[cfg(feature = "aws")]
pub(crate) mod host;
#[cfg(feature = "aws")]
pub(crate) mod redrive;
mod site_check;
pub(crate) mod size;
#[cfg(feature = "aws")]
pub(crate) mod smoke;
pub(crate) mod start;
pub(crate) mod test;
#[cfg(not(feature = "aws"))]
pub(crate) mod with_aws;
