//! What `cargo xtask bench` measures.

mod report;
pub(crate) mod sign;
