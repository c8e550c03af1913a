//! Names that change with the content. Trunk names the application after what Cargo built, and what comes after that,
//! wasm-bindgen, wasm-opt and terser, changes the content and not the name. A browser that was told to keep a file for ever
//! would keep the old content under it, which the digest in the new page then refuses.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

/// Trunk's hashes have up to 16 digits.
const DIGITS: usize = 16;

/// Renames each file in `dist` that is named after a content to the name for the one that it has, in `index.html` too.
///
/// # Errors
/// When the page does not name such a file, or another file does, which then could not find it any more.
pub(crate) fn after_content(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let mut html = read_text(&page)?;
    for old in hashed_in(dist)? {
        let content = read(&dist.join(&old))?;
        let new = renamed(&old, &content).with_context(|| format!("no hash in {old}"))?;
        if new == old {
            continue;
        }
        ensure!(
            html.contains(&old),
            "{} does not name {old}",
            page.display()
        );
        html = html.replace(&old, &new);
        fs::rename(dist.join(&old), dist.join(&new))
            .with_context(|| format!("could not rename {old}"))?;
        for name in names_in(dist)? {
            let names_it = ["js", "css"].contains(&extension(&name))
                && read_text(&dist.join(&name))?.contains(&old);
            ensure!(!names_it, "{name} names {old} too");
        }
    }
    fs::write(&page, html).with_context(|| format!("could not write {}", page.display()))
}

fn hashed_in(dist: &Path) -> Result<Vec<String>> {
    let mut names = names_in(dist)?;
    names.retain(|name| hosting_rules::is_hashed(&format!("/{name}")));
    Ok(names)
}

fn names_in(dist: &Path) -> Result<Vec<String>> {
    let unreadable = || format!("could not list {}", dist.display());
    let entries = fs::read_dir(dist).with_context(unreadable)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<Result<_>>().with_context(unreadable)
}

/// `name` with the hash of `content` in place of the one that it has.
fn renamed(name: &str, content: &[u8]) -> Option<String> {
    let (stem, rest) = name.rsplit_once('-')?;
    let end = rest.find(|digit: char| !digit.is_ascii_hexdigit())?;
    Some(format!("{stem}-{}{}", hash(content), &rest[end..]))
}

/// What stands for `content` in the name of its file.
pub(crate) fn hash(content: &[u8]) -> String {
    let mut hash = hex(Sha256::digest(content).as_slice());
    hash.truncate(DIGITS);
    hash
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = |text: String, byte: &u8| text + &format!("{byte:02x}");
    bytes.iter().fold(String::new(), digits)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "app-0123456789abcdef.js";
    const WASM: &str = "app-0123456789abcdef_bg.wasm";

    fn dist(page: &str, script: &str) -> tempfile::TempDir {
        let dist = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.html", page),
            (SCRIPT, script),
            (WASM, "wasm"),
            ("signer.js", "sign"),
        ] {
            fs::write(dist.path().join(name), text).unwrap();
        }
        dist
    }

    #[test]
    fn a_file_gets_the_name_of_its_content_and_the_page_knows() {
        let dist = dist(&format!("'/{SCRIPT}' '/{WASM}' '/{WASM}'"), "start");
        after_content(dist.path()).unwrap();
        // printf start | sha256sum
        let script = "app-cced28c6dc3f99c2.js";
        let wasm = "app-336154bf67f765f8_bg.wasm";
        let page = fs::read_to_string(dist.path().join("index.html")).unwrap();
        assert_eq!(page, format!("'/{script}' '/{wasm}' '/{wasm}'"));
        let mut names = names_in(dist.path()).unwrap();
        names.sort_unstable();
        assert_eq!(names, [wasm, script, "index.html", "signer.js"]);
        after_content(dist.path()).unwrap();
        assert_eq!(
            fs::read_to_string(dist.path().join("index.html")).unwrap(),
            page
        );
    }

    #[test]
    fn a_file_that_is_named_elsewhere_is_not_renamed_in_silence() {
        let unnamed = dist(&format!("'/{SCRIPT}'"), "start");
        let failure = after_content(unnamed.path()).unwrap_err().to_string();
        assert!(
            failure.ends_with(&format!("does not name {WASM}")),
            "{failure}"
        );
        let elsewhere = dist(&format!("'/{SCRIPT}' '/{WASM}'"), WASM);
        let failure = after_content(elsewhere.path()).unwrap_err().to_string();
        assert!(failure.ends_with(&format!("names {WASM} too")), "{failure}");
    }
}
