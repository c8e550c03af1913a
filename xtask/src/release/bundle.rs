//! The page as it is hosted: one script, one style sheet, and the module of the app with its parts, in place of what Trunk
//! writes for development.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::{exports, minify, names};
use crate::support::process;

/// Where the tool `wasm-bindgen` puts the parts (`xtask/tools/wasm-bindgen`), below the folder of the release.
const PARTS: &str = "snippets/parts";

/// The script that loads the parts, there.
const LOADER: &str = "__wasm_split.js";

/// What Trunk calls the app, with a hash behind it.
const APP: &str = "velvet-rope-";

/// What the names of the functions begin with that the tool `wasm-bindgen` empties.
const EMPTIED: &str = "intounderlying";

/// What Trunk calls the style sheet that no first view needs, with a hash behind it.
const LATER_STYLE: &str = "later-";

/// Starts the app, and says when its parts are loaded.
const ENTRY: &str = include_str!("entry.js");

/// What begins the head of the page.
const ENCODING: &str = "<meta charset=\"utf-8\">";

/// What optimizes a part, as `index.html` says for the app itself.
const OPTIMIZE: [&str; 8] = [
    // It warns of names that it does not know and removes.
    "--quiet",
    // Nothing is stored below address 1024: there the stack would end.
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--strip-debug",
    "--strip-producers",
];

/// The programs that are used.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The bundler.
    pub(crate) esbuild: PathBuf,
    /// The folder of Binaryen's programs.
    pub(crate) binaryen: PathBuf,
}

/// Bundles the page in the folder `dist`.
///
/// # Errors
/// When a tool fails, or Trunk has written something else than is expected here.
pub(crate) async fn page(dist: &Path, tools: &Tools) -> Result<()> {
    let script = only_file(dist, APP, ".js")?;
    let module = only_file(dist, APP, ".wasm")?;
    let parts = finish_parts(dist, tools).await?;
    link(dist, &script)?;

    let (entry, bundled) = (dist.join("entry.js"), dist.join("bundled.js"));
    write(
        &entry,
        &format!("export {{ default }} from \"./{script}\";"),
    )?;
    esbuild(tools, &entry, &["--bundle", "--format=esm"], &bundled).await?;
    let text = read_text(&bundled)?;
    ensure!(
        !text.contains(EMPTIED),
        "the script uses a class whose functions are empty (xtask/tools/wasm-bindgen/src/emptied.rs)"
    );
    exports::remove_unused(&tools.binaryen, &dist.join(&module), &text).await?;
    optimize(tools, &dist.join(&module)).await?;
    let hash = names::hash(&read(&dist.join(&module))?);
    let app = App {
        script: format!("app-{}.js", names::hash(text.as_bytes())),
        script_digest: minify::digest(text.as_bytes()),
        module: format!("app-{hash}_bg.wasm"),
        parts,
    };
    rename(&bundled, &dist.join(&app.script))?;
    rename(&dist.join(&module), &dist.join(&app.module))?;
    remove(&dist.join(&script))?;
    fs::remove_dir_all(dist.join("snippets")).context("could not remove the snippets")?;

    let page = dist.join("index.html");
    let html = read_text(&page)?;
    let is_later = |file: &str| file.starts_with(LATER_STYLE);
    let style = styles(dist, tools, &html, "style", |file| !is_later(file)).await?;
    let later_style = styles(dist, tools, &html, "later", is_later).await?;

    write(&entry, &start_of(&app, &later_style)?)?;
    esbuild(tools, &entry, &["--format=esm"], &bundled).await?;
    let start = read_text(&bundled)?;
    remove(&entry)?;
    remove(&bundled)?;

    let style_digest = minify::digest(&read(&dist.join(&style))?);
    let App {
        script,
        script_digest,
        module,
        ..
    } = &app;
    // The module has no digest: the browser could not compile it before all of it is there.
    let first = format!(
        r#"
    <link rel="preload" href="/{module}" as="fetch" type="application/wasm" crossorigin="anonymous">
    <link rel="modulepreload" href="/{script}" crossorigin="anonymous" integrity="{script_digest}">"#
    );
    let last = format!(
        r#"<link rel="stylesheet" href="/{style}" integrity="{style_digest}">
    <script type="module">{}</script>
  "#,
        start.trim()
    );
    write(&page, &with_head(&html, &first, &last)?)
}

/// The files of the app, as the page names them.
struct App {
    script: String,
    script_digest: String,
    module: String,
    /// Their paths on the site.
    parts: Vec<String>,
}

/// The script in the page.
fn start_of(app: &App, later_style: &str) -> Result<String> {
    Ok(ENTRY
        .replace("\"STYLE\"", &format!("\"/{later_style}\""))
        .replace("\"SCRIPT\"", &format!("\"/{}\"", app.script))
        .replace("\"MODULE\"", &format!("\"/{}\"", app.module))
        .replace("[\"PARTS\"]", &serde_json::to_string(&app.parts)?))
}

/// Optimizes the parts, names each after its content, and tells the loader. Returns their paths on the site.
async fn finish_parts(dist: &Path, tools: &Tools) -> Result<Vec<String>> {
    let folder = dist.join(PARTS);
    let loader = folder.join(LOADER);
    let mut text = read_text(&loader)?;
    let mut paths = Vec::new();
    for file in files_in(&folder, ".wasm")? {
        optimize(tools, &folder.join(&file)).await?;
        let content = read(&folder.join(&file))?;
        let stem = file.trim_end_matches(".wasm");
        // Code that several parts use is in parts without a name of their own.
        let stem = stem.strip_prefix("split_").unwrap_or("shared");
        let name = format!("{stem}-{}.wasm", names::hash(&content));
        let (before, after) = (format!("\"./{file}\""), format!("\"./{name}\""));
        ensure!(text.contains(&before), "{LOADER} does not name {file}");
        text = text.replace(&before, &after);
        rename(&folder.join(&file), &dist.join(&name))?;
        paths.push(format!("/{name}"));
    }
    write(&loader, &text)?;
    Ok(paths)
}

/// Makes the script of the app and the loader of its parts find each other.
fn link(dist: &Path, script: &str) -> Result<()> {
    let app = dist.join(script);
    let text = read_text(&app)?;
    let from = format!("from \"./{LOADER}\"");
    let text = text.replace(&from, &format!("from \"./{PARTS}/{LOADER}\""));
    write(&app, &without_effects(&text))?;
    let loader = dist.join(PARTS).join(LOADER);
    let text = read_text(&loader)?;
    ensure!(text.contains("\"./main.js\""), "{LOADER} imports no script");
    write(
        &loader,
        &text.replace("./main.js", &format!("../../{script}")),
    )
}

/// The script of the app, so that the bundler can see which of its classes nothing uses: Leptos brings some for streams.
/// With such a class go its functions in the module ([`exports`]).
fn without_effects(script: &str) -> String {
    let registry = "new FinalizationRegistry(";
    let lines = script
        .lines()
        // Another name for `free`, which no script of this page calls.
        .filter(|line| !line.starts_with("if (Symbol.dispose) "));
    let lines = lines.map(|line| line.replace(registry, &format!("/* @__PURE__ */ {registry}")));
    lines.collect::<Vec<_>>().join("\n")
}

/// Minifies `source`, with more options of the bundler.
async fn esbuild(tools: &Tools, source: &Path, more: &[&str], output: &Path) -> Result<()> {
    let mut command = Command::new(&tools.esbuild);
    command
        // It warns of what wasm-bindgen writes: a key that is there twice.
        .args(["--minify", "--log-level=error"])
        .args(more)
        .arg(source)
        .arg(format!("--outfile={}", output.display()));
    process::run(command).await
}

async fn optimize(tools: &Tools, module: &Path) -> Result<()> {
    let mut command = Command::new(tools.binaryen.join("wasm-opt"));
    command.args(OPTIMIZE).arg(module).arg("-o").arg(module);
    process::run(command).await
}

/// Makes one style sheet, `stem` with a hash behind it, of those of the page that are `wanted`, in their order. Returns its
/// name.
async fn styles(
    dist: &Path,
    tools: &Tools,
    html: &str,
    stem: &str,
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
    ensure!(
        !all.is_empty(),
        "index.html names no style sheet for {stem}"
    );
    let (source, output) = (dist.join("all.css"), dist.join("style.css"));
    write(&source, &all)?;
    esbuild(tools, &source, &[], &output).await?;
    remove(&source)?;
    let name = format!("{stem}-{}.css", names::hash(&read(&output)?));
    rename(&output, &dist.join(&name))?;
    Ok(name)
}

/// `html` with `first` and `last` in its head, in place of Trunk's script, style sheets and preloads. The browser sends requests in
/// the order of the page, and on a slow device each takes milliseconds: `first`, the largest files, comes before all others.
fn with_head(html: &str, first: &str, last: &str) -> Result<String> {
    let start = html.find("<script type=\"module\">");
    let start = start.context("index.html has no script of Trunk's")?;
    let length = html[start..]
        .find("</script>")
        .context("a script without end")?;
    let mut page = html[..start].to_owned() + &html[start + length + "</script>".len()..];
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
    let page = lines.collect::<Vec<_>>().join("\n");
    for mark in [ENCODING, "</head>"] {
        ensure!(page.contains(mark), "index.html has no {mark}");
    }
    let page = page.replacen(ENCODING, &format!("{ENCODING}{first}"), 1);
    Ok(page.replacen("</head>", &format!("{last}</head>"), 1))
}

/// The names of the files in `folder` that end with `end`, sorted.
fn files_in(folder: &Path, end: &str) -> Result<Vec<String>> {
    let unreadable = || format!("could not list {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let name = entry.with_context(unreadable)?.file_name();
        files.extend(name.into_string().ok().filter(|name| name.ends_with(end)));
    }
    files.sort_unstable();
    Ok(files)
}

fn only_file(folder: &Path, start: &str, end: &str) -> Result<String> {
    let mut files = files_in(folder, end)?;
    files.retain(|file| file.starts_with(start));
    let count = files.len();
    ensure!(count == 1, "{count} files are named {start}…{end}");
    files.pop().context("no file")
}

fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).with_context(|| format!("could not remove {}", file.display()))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("could not rename {}", from.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUNK: &str = r#"<html><head>
<meta charset="utf-8">
<link rel="preload" href="/config.json" as="fetch">
<link rel="stylesheet" href="/a-1.css" integrity="x"/>
<script type="module">
import init from '/velvet-rope-1.js';
</script>
<link rel="modulepreload" href="/velvet-rope-1.js"><link rel="preload" href="/velvet-rope-1_bg.wasm"></head>
<body></body></html>"#;

    #[test]
    fn the_head_replaces_what_trunk_wrote_and_nothing_else() {
        assert_eq!(
            with_head(TRUNK, "FIRST", "LAST").unwrap(),
            "<html><head>\n<meta charset=\"utf-8\">FIRST\n<link rel=\"preload\" href=\"/config.json\" as=\"fetch\">\nLAST</head>\n<body></body></html>"
        );
    }

    #[test]
    fn a_page_that_trunk_has_not_written_is_refused() {
        assert!(with_head("<html><head></head></html>", "", "").is_err());
    }

    #[test]
    fn the_script_and_the_loader_of_the_parts_find_each_other() {
        let dist = tempfile::tempdir().unwrap();
        let parts = dist.path().join(PARTS);
        fs::create_dir_all(&parts).unwrap();
        let app = "import * as parts from \"./__wasm_split.js\"\nconst all = {\"./__wasm_split.js\": parts};";
        fs::write(dist.path().join("velvet-rope-1.js"), app).unwrap();
        fs::write(
            parts.join(LOADER),
            "import { initSync } from \"./main.js\";",
        )
        .unwrap();

        link(dist.path(), "velvet-rope-1.js").unwrap();

        assert_eq!(
            read_text(&dist.path().join("velvet-rope-1.js")).unwrap(),
            "import * as parts from \"./snippets/parts/__wasm_split.js\"\nconst all = {\"./__wasm_split.js\": parts};"
        );
        let loader = read_text(&parts.join(LOADER)).unwrap();
        assert_eq!(
            loader,
            "import { initSync } from \"../../velvet-rope-1.js\";"
        );
    }
}
