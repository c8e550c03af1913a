//! What `cargo xtask check` and `cargo xtask test` run, and the tally of the results.

pub(crate) mod cargo_tests;
pub(crate) mod deploy;
pub(crate) mod e2e;
pub(crate) mod hosting_trial;
pub(crate) mod static_checks;
pub(crate) mod tally;
