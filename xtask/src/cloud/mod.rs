//! The cloud that the application runs against: MiniStack on this machine, and the stack deployed to it.

pub(crate) mod deploy;
pub(crate) mod events;
pub(crate) mod lambda;
pub(crate) mod local;
pub(crate) mod ministack;
pub(crate) mod outputs;
pub(crate) mod package;
pub(crate) mod parts;
mod refusal;
pub(crate) mod user;

/// The region that the local cloud plays.
pub(crate) const LOCAL_REGION: &str = "eu-west-1";
