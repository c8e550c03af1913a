//! The time that one signature takes in Chromium: the library's signer beside others from npm, in one page.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::process::Command;

use super::{report, site};
use crate::support::{
    cache::Cache,
    process,
    report::{line, step},
    tools::{self, wasm_target},
    workspace::{Workspace, cargo},
};

/// The package with the library's signer, and where the page is.
const PACKAGE: &str = "bench-sign";
const SOURCES: &str = "xtask/bench/sign";
/// The signer that the others are compared with.
const OWN: &str = "Velvet Rope";
/// As `index.html` says for the module that signs.
const WASM_OPT: [&str; 7] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--skip-pass=local-cse",
    "--strip-debug",
    "--strip-producers",
];

/// What the page sends back.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Measured {
        browser: String,
        requests: Vec<Measured>,
    },
    Failed {
        error: String,
    },
}

/// The signers, each with its value for one request.
#[derive(Debug, Deserialize)]
struct Measured {
    request: String,
    signatures: Map<String, Value>,
    microseconds: Map<String, Value>,
}

/// Builds the page, measures, prints the table and writes it into the docs.
///
/// # Errors
/// When a tool is missing, a build fails, or the signers disagree about a signature.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache) -> Result<()> {
    let folder = workspace.target.join("bench").join("sign");
    site::make_folder(&folder)?;
    let modules = tools::node::signers(workspace, cache).await?;
    build_module(workspace, cache, &folder).await?;
    build_page(workspace, &modules, &folder).await?;
    let chromium = tools::browser::ensure().await?.chromium;

    let measuring = step("Sign in Chromium");
    let mut command = Command::new(tools::node::node().await?);
    command
        .arg(workspace.file(SOURCES).join("run.mjs"))
        .arg(&folder)
        .arg(&chromium);
    let answer = process::output(command).await?;
    measuring.done();
    let text = match serde_json::from_str(&answer).context("the page answered something else")? {
        Answer::Failed { error } => bail!("the page failed: {error}"),
        Answer::Measured { browser, requests } => {
            for request in &requests {
                request.check()?;
            }
            described(&browser, &requests, &versions(workspace)?)
        }
    };
    line(&text);
    report::write(workspace, "sign", &text)
}

/// The library's signer as a module, built like a release.
async fn build_module(workspace: &Workspace, cache: &Cache, folder: &Path) -> Result<()> {
    wasm_target::ensure().await?;
    let web_tools = tools::cargo::web_tools(workspace, cache, tools::cargo::Page::Whole).await?;
    let wasm_opt = tools::node::wasm_opt(workspace, cache).await?;
    let building = step("Build the signer");
    let mut command = cargo();
    command
        .args(["build", "--release", "--package", PACKAGE])
        .args(["--target", wasm_target::TARGET])
        .current_dir(&workspace.root);
    process::run_condensed(command, &building, &workspace.log("bench-sign")).await?;
    let built = workspace.target.join(wasm_target::TARGET).join("release");
    let mut command = Command::new(web_tools.wasm_bindgen.join("wasm-bindgen"));
    command
        .args(["--target=web", "--no-typescript", "--out-name=signer"])
        .arg(format!("--out-dir={}", folder.display()))
        .arg(built.join(PACKAGE).with_extension("wasm"));
    process::run(command).await?;
    let module = folder.join("signer_bg.wasm");
    let mut command = Command::new(wasm_opt.join("wasm-opt"));
    command.args(WASM_OPT).arg("-o").arg(&module).arg(&module);
    process::run(command).await?;
    building.done();
    Ok(())
}

/// The page with the signers from npm in one script.
async fn build_page(workspace: &Workspace, modules: &Path, folder: &Path) -> Result<()> {
    let building = step("Bundle the other signers");
    let sources = workspace.file(SOURCES);
    let mut command = Command::new(modules.join(".bin/esbuild"));
    command
        .arg(sources.join("page.js"))
        .args([
            "--bundle",
            "--format=esm",
            "--minify",
            "--external:./signer.js",
        ])
        .args(["--platform=browser", "--main-fields=browser,module,main"])
        .arg(format!("--outfile={}", folder.join("page.js").display()))
        // The script is outside of the folder that its packages are in.
        .env("NODE_PATH", modules);
    process::run(command).await?;
    let page = folder.join("index.html");
    let html = "<!DOCTYPE html><title>bench sign</title><script type=module src=page.js></script>";
    std::fs::write(&page, html).with_context(|| format!("could not write {}", page.display()))?;
    building.done();
    Ok(())
}

/// The packages that are measured, with their versions.
fn versions(workspace: &Workspace) -> Result<String> {
    let file: PathBuf = workspace.file("xtask/tools/npm/signers/package.json");
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("could not read {}", file.display()))?;
    let manifest: Value = serde_json::from_str(&text).context("package.json is not readable")?;
    let packages = manifest["dependencies"].as_object().into_iter().flatten();
    let packages = packages.filter(|(name, _)| *name != "esbuild");
    let named = packages.map(|(name, version)| {
        let version = version.as_str().unwrap_or_default();
        format!("{name} {version}")
    });
    Ok(named.collect::<Vec<_>>().join(", "))
}

impl Measured {
    /// All signers must give the same signature.
    fn check(&self) -> Result<()> {
        let own = self.signatures.get(OWN);
        let own = own.with_context(|| format!("{}: no signature of {OWN}", self.request))?;
        for (name, signature) in &self.signatures {
            ensure!(
                signature == own && signature.is_string(),
                "{}: {name} gives {signature}, and {OWN} {own}",
                self.request
            );
        }
        Ok(())
    }

    fn time(&self, signer: &str) -> Option<f64> {
        self.microseconds.get(signer)?.as_f64()
    }

    /// How many times as fast as the fastest of the others the library is.
    fn ratio(&self) -> Option<f64> {
        let others = self.microseconds.keys().filter(|name| *name != OWN);
        let fastest = others.filter_map(|name| self.time(name)).reduce(f64::min);
        Some(fastest? / self.time(OWN)?)
    }
}

/// The machine, and a table with a row for each signer.
fn described(browser: &str, requests: &[Measured], versions: &str) -> String {
    let mut text = format!("{}; {versions}.\n\n", site::machine(browser));
    let mut row = |name: &str, cells: Vec<String>| {
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    let names = requests.iter().map(|request| request.request.clone());
    row("Microseconds for one signature", names.collect());
    row("---", vec!["---:".to_owned(); requests.len()]);
    let signers = requests.first().map(|first| first.microseconds.keys());
    for signer in signers.into_iter().flatten() {
        let times = requests.iter().map(|request| {
            let time = request.time(signer).unwrap_or(f64::NAN);
            format!("{time:.*}", usize::from(time < 100.0))
        });
        row(signer, times.collect());
    }
    let ratios = requests.iter().map(|request| {
        let ratio = request.ratio().unwrap_or(f64::NAN);
        format!("{ratio:.1} ×")
    });
    row(
        "The fastest of the others, divided by Velvet Rope",
        ratios.collect(),
    );
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn measured(signature: &str) -> Measured {
        serde_json::from_value(json!({
            "request": "GET",
            "signatures": { "Velvet Rope": "ab", "other": signature, "third": "ab" },
            "microseconds": { "Velvet Rope": 10.04, "other": 35.0, "third": 1234.5 },
        }))
        .unwrap()
    }

    #[test]
    fn a_signer_that_disagrees_is_named() {
        assert!(measured("ab").check().is_ok());
        let error = measured("cd").check().unwrap_err().to_string();
        assert_eq!(error, r#"GET: other gives "cd", and Velvet Rope "ab""#);
    }

    #[test]
    fn the_table_has_a_row_for_each_signer_and_compares_with_the_fastest() {
        let browser = "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36";
        let text = described(browser, &[measured("ab")], "other 1.0");
        assert!(
            text.contains("Chromium 156, headless; other 1.0."),
            "{text}"
        );
        for row in [
            "| Velvet Rope | 10.0 |",
            "| other | 35.0 |",
            "| third | 1234 |",
            "| The fastest of the others, divided by Velvet Rope | 3.5 × |",
        ] {
            assert!(text.contains(row), "{row} in {text}");
        }
    }

    #[test]
    fn a_page_that_fails_says_why() {
        let answer: Answer = serde_json::from_str(r#"{"error":"no WebAssembly"}"#).unwrap();
        assert!(matches!(answer, Answer::Failed { error } if error == "no WebAssembly"));
    }
}
