//! Minifies scripts that wasm-bindgen writes, which Trunk's own minifier cannot read.

use std::path::{Path, PathBuf};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha384};
use tokio::process::Command;

use crate::support::{files::names_in, process};

/// Minifies each script in `dist` whose name is the same in each release: the page does not name them.
///
/// # Errors
/// When terser fails.
pub(crate) async fn scripts(dist: &Path, terser: &Path) -> Result<()> {
    for file in scripts_in(dist)? {
        script(terser, &file).await?;
    }
    Ok(())
}

/// Minifies one script in its place.
///
/// # Errors
/// When terser fails.
pub(super) async fn script(terser: &Path, file: &Path) -> Result<()> {
    let mut command = Command::new(terser);
    command
        .args(["--module", "--compress", "passes=3", "--mangle", "--output"])
        .arg(file)
        .arg(file);
    process::run(command).await
}

fn scripts_in(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut names = names_in(dist, ".js")?;
    names.retain(|name| !hosting_rules::is_hashed(&format!("/{name}")));
    Ok(names.iter().map(|name| dist.join(name)).collect())
}

/// Subresource Integrity, section 3.1.
pub(crate) fn digest(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_is_named_after_its_content_keeps_it() {
        let dist = tempfile::tempdir().unwrap();
        for name in ["signer.js", "policy-0123456789abcdef.js", "icon.svg"] {
            std::fs::write(dist.path().join(name), "").unwrap();
        }
        assert_eq!(
            scripts_in(dist.path()).unwrap(),
            [dist.path().join("signer.js")]
        );
    }

    #[test]
    fn a_digest_is_that_of_the_specification() {
        let expected = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(digest(b"alert('Hello, world.');"), expected);
    }
}
