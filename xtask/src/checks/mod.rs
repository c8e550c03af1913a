//! What `cargo xtask check` and `cargo xtask test` run, and the tally of the results.

pub(crate) mod background;
pub(crate) mod cargo_tests;
#[cfg(feature = "aws")]
pub(crate) mod deploy;
#[cfg(feature = "aws")]
pub(crate) mod e2e;
#[cfg(feature = "aws")]
pub(crate) mod hosting_trial;
#[cfg(feature = "aws")]
mod not_run;
pub(crate) mod programs;
pub(crate) mod static_checks;
pub(crate) mod tally;
#[cfg(feature = "aws")]
mod times;
