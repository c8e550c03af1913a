//! The code of Lambda functions: built, packed, and uploaded to the code bucket.

pub(crate) mod architecture;
#[cfg(feature = "aws")]
pub(crate) mod bucket;
mod elf;
pub(crate) mod lambda;
pub(crate) mod package;
