//! The account and region that a command talks to, and what to do when AWS refuses.

#[cfg(feature = "aws")]
pub(crate) mod access;
pub(crate) mod location;
#[cfg(feature = "aws")]
pub(crate) mod options;
#[cfg(feature = "aws")]
pub(crate) mod refusal;
#[cfg(feature = "aws")]
pub(crate) mod target;
