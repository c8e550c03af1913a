//! The cloud that the application runs against: an account of AWS or MiniStack on this machine, and the stack deployed
//! to it.

pub(crate) mod access;
pub(crate) mod approval;
pub(crate) mod architecture;
pub(crate) mod bucket;
mod change_set;
pub(crate) mod changes;
pub(crate) mod config_file;
pub(crate) mod deploy;
mod elf;
mod events;
pub(crate) mod lambda;
pub(crate) mod local;
pub(crate) mod ministack;
pub(crate) mod outputs;
pub(crate) mod package;
pub(crate) mod parameters;
pub(crate) mod parts;
pub(crate) mod refusal;
pub(crate) mod stack;
pub(crate) mod target;
mod template;
pub(crate) mod user;

/// The region that the local cloud plays.
pub(crate) const LOCAL_REGION: &str = "eu-west-1";
