//! What every command needs and no command is about: the tool cache, child processes, ports, output, the workspace.

pub(crate) mod cache;
pub(crate) mod checked_build;
mod durations;
pub(crate) mod files;
pub(crate) mod http_probe;
pub(crate) mod own_program;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod report;
pub(crate) mod running;
pub(crate) mod tools;
pub(crate) mod workspace;
