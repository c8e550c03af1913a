//! The stack of `infra/template.yaml` with its optional parts, and the `config.json` made from its outputs.

pub(crate) mod config_file;
#[cfg(feature = "aws")]
pub(crate) mod deploy;
pub(crate) mod local;
mod local_api;
pub(crate) mod outputs;
pub(crate) mod parts;
pub(crate) mod sign_up;
mod snapshot;
pub(crate) mod user;
#[cfg(feature = "aws")]
pub(crate) mod user_pool;
