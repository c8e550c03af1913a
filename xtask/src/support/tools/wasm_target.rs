//! The compiler's `wasm32-unknown-unknown` target.

use anyhow::Result;

use super::rust_target;

/// The target that browsers run.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target to the compiler in use where it is missing.
///
/// # Errors
/// When rustup is missing or fails.
pub(crate) async fn ensure() -> Result<()> {
    rust_target::ensure(TARGET).await
}
