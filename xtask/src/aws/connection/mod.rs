//! The account and region that a command talks to, and what to do when AWS refuses.

pub(crate) mod access;
#[cfg(feature = "aws")]
pub(crate) mod options;
pub(crate) mod refusal;
pub(crate) mod target;
