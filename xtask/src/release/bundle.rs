//! The app as it is hosted: its module and the parts of it, and the script that starts it, in place of what Trunk writes for
//! development.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{
    exports, minify, names,
    page::Page,
    tools::{Tools, esbuild},
};
use crate::support::{
    files::{names_in, only_name_in, read, read_text, remove, rename, write},
    process,
};

/// Where the tool `wasm-bindgen` puts the parts (`xtask/tools/wasm-bindgen`), below the folder of the release.
const PARTS: &str = "snippets/parts";

/// The script that loads the parts, there.
const LOADER: &str = "__wasm_split.js";

/// What Trunk calls the app, with a hash behind it.
const APP: &str = "velvet-rope-";

/// What the names of the functions begin with that the tool `wasm-bindgen` empties.
const EMPTIED: &str = "intounderlying";

/// Starts the app, and says when its parts are loaded.
const ENTRY: &str = include_str!("entry.js");

/// What optimizes a part, as `index.html` says for the app itself.
const OPTIMIZE: [&str; 9] = [
    // It warns of names that it does not know and removes.
    "--quiet",
    // Nothing is stored below address 1024: there the stack would end.
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // What this pass shortens, compression makes shorter still.
    "--skip-pass=local-cse",
    "--strip-debug",
    "--strip-producers",
];

/// Bundles the page in the folder `dist`.
///
/// # Errors
/// When a tool fails, or Trunk has written something else than is expected here.
pub(crate) async fn page(dist: &Path, tools: &Tools) -> Result<()> {
    let script = only_name_in(dist, APP, ".js")?;
    let module = only_name_in(dist, APP, ".wasm")?;
    let parts = finish_parts(dist, tools).await?;
    link(dist, &script)?;

    let (entry, bundled) = (dist.join("entry.js"), dist.join("bundled.js"));
    write(&entry, ENTRY.replace("SCRIPT", &format!("./{script}")))?;
    esbuild(tools, &entry, &["--bundle", "--format=esm"], &bundled).await?;
    let start = read_text(&bundled)?;
    ensure!(
        !start.contains(EMPTIED),
        "the script uses a class whose functions are empty (xtask/tools/wasm-bindgen/src/emptied.rs)"
    );
    exports::remove_unused(&tools.binaryen, &dist.join(&module), &start).await?;
    optimize(tools, &dist.join(&module)).await?;
    let hash = names::hash(&read(&dist.join(&module))?);
    let optimized = format!("app-{hash}_bg.wasm");
    rename(&dist.join(&module), &dist.join(&optimized))?;
    remove(&dist.join(&script))?;
    remove(&entry)?;
    fs::remove_dir_all(dist.join("snippets")).context("could not remove the snippets")?;

    let page = Page::read(dist, tools).await?;
    let later = &page.later_style;
    let names = [
        ("\"STYLE\"", json!(later.path)),
        ("\"DIGEST\"", json!(later.digest)),
        ("\"MODULE\"", json!(format!("/{optimized}"))),
        ("[\"PARTS\"]", json!(parts)),
    ];
    write(&bundled, &with_names(&start, &names)?)?;
    minify::script(&tools.terser, &bundled).await?;
    let start = read_text(&bundled)?;
    remove(&bundled)?;
    page.write(dist, &start, &optimized)
}

/// `script` with what the files of the app are called.
fn with_names(script: &str, names: &[(&str, Value)]) -> Result<String> {
    let mut script = script.to_owned();
    for (place, name) in names {
        ensure!(script.contains(place), "the script has no {place}");
        script = script.replace(place, &name.to_string());
    }
    Ok(script)
}

/// Optimizes the parts, names each after its content, and tells the loader. Returns their paths on the site.
async fn finish_parts(dist: &Path, tools: &Tools) -> Result<Vec<String>> {
    let folder = dist.join(PARTS);
    let loader = folder.join(LOADER);
    let mut text = read_text(&loader)?;
    let mut paths = Vec::new();
    for file in names_in(&folder, ".wasm")? {
        optimize(tools, &folder.join(&file)).await?;
        let content = read(&folder.join(&file))?;
        let stem = file.trim_end_matches(".wasm");
        // Code that several parts use is in parts without a name of their own.
        let stem = stem.strip_prefix("split_").unwrap_or("shared");
        let name = format!("{stem}-{}.wasm", names::hash(&content));
        // From the root of the site: the script is in the page, whose address is anything.
        let (before, after) = (format!("\"./{file}\""), format!("\"/{name}\""));
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
    write(&app, without_effects(&text))?;
    let loader = dist.join(PARTS).join(LOADER);
    let text = read_text(&loader)?;
    ensure!(text.contains("\"./main.js\""), "{LOADER} imports no script");
    write(
        &loader,
        text.replace("./main.js", &format!("../../{script}")),
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

async fn optimize(tools: &Tools, module: &Path) -> Result<()> {
    let mut command = Command::new(tools.binaryen.join("wasm-opt"));
    command.args(OPTIMIZE).arg(module).arg("-o").arg(module);
    process::run(command).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_script_has_no_place_for_is_an_error() {
        let names = [("[\"PARTS\"]", json!(["/a.wasm"]))];
        assert_eq!(
            with_names("let p=[\"PARTS\"];", &names).unwrap(),
            "let p=[\"/a.wasm\"];"
        );
        assert!(with_names("let p=[];", &names).is_err());
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
