//! What `cargo xtask bench` measures.

pub(crate) mod body;
pub(crate) mod console;
pub(crate) mod load;
mod report;
pub(crate) mod sign;
mod site;
