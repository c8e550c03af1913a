//! The page of a release: one file with its scripts and its first style sheet in it, in place of what Trunk writes for
//! development. Each file more costs the browser milliseconds before the app can start.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{
    minify, names,
    tools::{Tools, esbuild},
};
use crate::support::files::{only_name_in, read_text, remove, write};

/// What Trunk calls the style sheet that no first view needs, with a hash behind it.
const LATER_STYLE: &str = "later-";

/// What Trunk calls the script that says why the app does not start, with a hash behind it.
const BOOT: &str = "boot-";

/// Says that the policy blocks the scripts in the page.
const POLICY: &str = include_str!("policy.js");

/// What begins the head of the page.
const ENCODING: &str = "<meta charset=\"utf-8\">";

/// The page, and what of Trunk's files is written into it.
#[derive(Debug)]
pub(super) struct Page {
    html: String,
    /// Shows why the app does not start.
    boot: String,
    /// What the first view needs.
    style: String,
    /// What other views need.
    pub(super) later_style: File,
    policy: File,
}

/// A file that the page loads.
#[derive(Debug)]
pub(super) struct File {
    /// Its path on the site.
    pub(super) path: String,
    /// The digest of its content.
    pub(super) digest: String,
}

impl Page {
    /// Reads Trunk's page in the folder `dist`, and takes from there what goes into the page.
    ///
    /// # Errors
    /// When a tool fails, or Trunk has written something else than is expected here.
    pub(super) async fn read(dist: &Path, tools: &Tools) -> Result<Self> {
        let html = read_text(&dist.join("index.html"))?;
        let is_later = |file: &str| file.starts_with(LATER_STYLE);
        let style = styles(dist, tools, &html, |file| !is_later(file)).await?;
        // In the page, it would be taken as relative to the address of the page.
        ensure!(
            style.matches("url(").count() == style.matches("url(\"data:").count(),
            "the style sheet of the first view names a file"
        );
        let later_style = styles(dist, tools, &html, is_later).await?;

        let script = dist.join(only_name_in(dist, BOOT, ".js")?);
        minify::script(&tools.terser, &script).await?;
        let boot = read_text(&script)?;
        write(&script, POLICY)?;
        minify::script(&tools.terser, &script).await?;
        let policy = read_text(&script)?;
        remove(&script)?;
        Ok(Self {
            html,
            boot,
            style,
            later_style: store(dist, "later", "css", &later_style)?,
            policy: store(dist, "policy", "js", &policy)?,
        })
    }

    /// Writes the page into the folder `dist`, with the script that starts the app and the name of the module's file.
    ///
    /// # Errors
    /// When Trunk's page is another one than is expected here.
    pub(super) fn write(&self, dist: &Path, start: &str, module: &str) -> Result<()> {
        let (boot, start) = (inlined("script", &self.boot)?, inlined("script", start)?);
        let style = inlined("style", &self.style)?;
        let Self { policy, .. } = self;
        // The module has no digest: the browser could not compile it before all of it is there.
        let first = format!(
            r#"
    <link rel="preload" href="/{module}" as="fetch" type="application/wasm" crossorigin="anonymous">"#
        );
        let last = format!(
            r#"<style>{style}</style>
    <script>{boot}</script>
    <script async src="{}" integrity="{}"></script>
  "#,
            policy.path, policy.digest
        );
        // Behind the frame, which can be shown while this arrives.
        let end = format!(
            r#"<script type="module">{start}</script>
  "#
        );
        let html = assembled(&self.html, &first, &last, &end)?;
        write(&dist.join("index.html"), &html)
    }
}

/// `text` as it stands in an element of the page.
fn inlined<'a>(element: &str, text: &'a str) -> Result<&'a str> {
    for mark in ["<!--", &format!("</{element}")] {
        ensure!(
            !text.to_ascii_lowercase().contains(mark),
            "a {element} contains {mark} and cannot be written into the page"
        );
    }
    Ok(text.trim())
}

/// Writes `text` into a file that is named after it.
fn store(dist: &Path, stem: &str, extension: &str, text: &str) -> Result<File> {
    let name = format!("{stem}-{}.{extension}", names::hash(text.as_bytes()));
    write(&dist.join(&name), text)?;
    Ok(File {
        path: format!("/{name}"),
        digest: minify::digest(text.as_bytes()),
    })
}

/// Makes one style sheet of those of the page that are `wanted`, in their order, and removes their files.
async fn styles(
    dist: &Path,
    tools: &Tools,
    html: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<String> {
    let mut all = String::new();
    for tag in html.split("<link ").skip(1) {
        let Some(file) = tag.strip_prefix(r#"rel="stylesheet" href="/"#) else {
            continue;
        };
        let file = file.split('"').next().unwrap_or_default();
        if !wanted(file) {
            continue;
        }
        all.push_str(&read_text(&dist.join(file))?);
        remove(&dist.join(file))?;
    }
    ensure!(!all.is_empty(), "index.html names no such style sheet");
    let (source, output) = (dist.join("all.css"), dist.join("style.css"));
    write(&source, &all)?;
    esbuild(tools, &source, &[], &output).await?;
    remove(&source)?;
    let text = read_text(&output)?;
    remove(&output)?;
    Ok(text)
}

/// `html` with `first` and `last` in its head and `end` at the end of its body, in place of Trunk's scripts, style sheets and
/// preloads. The browser sends requests in the order of the page, and on a slow device each takes milliseconds: `first`, the
/// largest file, comes before all others.
fn assembled(html: &str, first: &str, last: &str, end: &str) -> Result<String> {
    let mut page = html.to_owned();
    let script = format!("<script src=\"/{BOOT}");
    for tag in ["<script type=\"module\">", &script] {
        let start = page
            .find(tag)
            .with_context(|| format!("index.html has no {tag}"))?;
        let length = page[start..]
            .find("</script>")
            .context("a script without end")?;
        page.replace_range(start..start + length + "</script>".len(), "");
    }
    for tag in [
        "<link rel=\"stylesheet\"",
        "<link rel=\"modulepreload\"",
        "<link rel=\"preload\" href=\"/velvet-rope-",
    ] {
        while let Some(start) = page.find(tag) {
            let length = page[start..].find('>').context("a tag without end")?;
            page.replace_range(start..=start + length, "");
        }
    }
    let is_shown = |line: &&str| !line.is_empty() && !line.starts_with("<!--");
    let lines = page.lines().filter(|line| is_shown(&line.trim()));
    let mut page = lines.collect::<Vec<_>>().join("\n");
    for (mark, text) in [
        (ENCODING, [ENCODING, first].concat()),
        ("</head>", [last, "</head>"].concat()),
        ("</body>", [end, "</body>"].concat()),
    ] {
        ensure!(page.contains(mark), "index.html has no {mark}");
        page = page.replacen(mark, &text, 1);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUNK: &str = r#"<html><head>
<meta charset="utf-8">
<link rel="preload" href="/config.json" as="fetch">
<script src="/boot-1.js" integrity="x"></script>
<link rel="stylesheet" href="/a-1.css" integrity="x"/>
<script type="module">
import init from '/velvet-rope-1.js';
</script>
<link rel="modulepreload" href="/velvet-rope-1.js"><link rel="preload" href="/velvet-rope-1_bg.wasm"></head>
<body></body></html>"#;

    #[test]
    fn the_page_has_the_release_in_place_of_what_trunk_wrote() {
        assert_eq!(
            assembled(TRUNK, "FIRST", "LAST", "END").unwrap(),
            "<html><head>\n<meta charset=\"utf-8\">FIRST\n<link rel=\"preload\" href=\"/config.json\" as=\"fetch\">\nLAST</head>\n<body>END</body></html>"
        );
    }

    #[test]
    fn a_page_that_trunk_has_not_written_is_refused() {
        assert!(assembled("<html><head></head></html>", "", "", "").is_err());
        assert!(assembled(&TRUNK.replace("boot-1", "other"), "", "", "").is_err());
    }

    #[test]
    fn a_text_that_would_end_its_element_is_refused() {
        assert_eq!(inlined("script", "let a;\n").unwrap(), "let a;");
        assert!(inlined("script", "'</SCRIPT>'").is_err());
        assert!(inlined("style", "a{content:'</style>'}").is_err());
        assert!(inlined("script", "'<!--'").is_err());
    }
}
