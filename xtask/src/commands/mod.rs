//! One file for each subcommand of `cargo xtask`: its options, and the order of its steps.

pub(crate) mod check;
pub(crate) mod clean;
pub(crate) mod deploy;
pub(crate) mod destroy;
pub(crate) mod dist;
pub(crate) mod host;
pub(crate) mod redrive;
pub(crate) mod smoke;
pub(crate) mod start;
pub(crate) mod test;
