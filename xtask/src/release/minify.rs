//! Minifies the script that wasm-bindgen writes, which Trunk's own minifier cannot read, and puts its new
//! digest where the page promises the old one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha384};
use tokio::process::Command;

use crate::support::process;

/// Minifies each script in `dist` with `terser`, and rewrites `index.html` accordingly.
///
/// # Errors
/// When terser fails, or the page names a script with the digest of another content, which it then could not load.
pub(crate) async fn scripts(dist: &Path, terser: &Path) -> Result<()> {
    let page = dist.join("index.html");
    for script in scripts_in(dist)? {
        let before = read(&script)?;
        let mut command = Command::new(terser);
        command
            .args(["--module", "--compress", "passes=3", "--mangle", "--output"])
            .arg(&script)
            .arg(&script);
        process::run(command).await?;
        let after = read(&script)?;
        let html = fs::read_to_string(&page)
            .with_context(|| format!("could not read {}", page.display()))?;
        let name = script.file_name().unwrap_or_default().to_string_lossy();
        // The module that signs is fetched by the app and not named by the page.
        if !html.contains(&*name) {
            continue;
        }
        let html = replace_digest(&html, &before, &after).with_context(|| {
            format!(
                "{} and {} do not belong together",
                page.display(),
                script.display()
            )
        })?;
        fs::write(&page, html).with_context(|| format!("could not write {}", page.display()))?;
    }
    Ok(())
}

fn scripts_in(dist: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("could not list {}", dist.display());
    let mut scripts = Vec::new();
    for entry in fs::read_dir(dist).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            scripts.push(path);
        }
    }
    Ok(scripts)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// The page with the digest of `after` in place of that of `before`.
fn replace_digest(html: &str, before: &[u8], after: &[u8]) -> Result<String> {
    let (old, new) = (digest(before), digest(after));
    if !html.contains(&old) {
        bail!("the page does not name the digest {old}");
    }
    Ok(html.replace(&old, &new))
}

/// Subresource Integrity, section 3.1.
pub(crate) fn digest(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_new_digest() {
        let html = format!("<link integrity={}>", digest(b"before"));
        let replaced = replace_digest(&html, b"before", b"after").unwrap();
        assert_eq!(replaced, format!("<link integrity={}>", digest(b"after")));
    }

    #[test]
    fn a_page_that_does_not_name_the_script_is_refused() {
        assert!(replace_digest("<link integrity=sha384-x>", b"before", b"after").is_err());
    }

    #[test]
    fn a_digest_is_that_of_the_specification() {
        let expected = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(digest(b"alert('Hello, world.');"), expected);
    }
}
