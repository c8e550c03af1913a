//! How fast the start page is ready in Chromium: the app beside two others from npm that show the same page.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::process::Command;

use super::report;
use super::site;
use crate::{
    release::dist,
    support::{
        cache::Cache,
        files::{read_text, write},
        process,
        report::{line, step},
        tools,
        workspace::Workspace,
    },
};

/// Where the pages and the program that loads them are.
const SOURCES: &str = "xtask/bench/load";
/// How often each page is loaded; odd, because the median is shown. On a fast line a load takes a tenth of the time, and what else
/// the machine does is a larger part of it.
const ROUNDS_FAST: usize = 15;
const ROUNDS_SLOW: usize = 5;
const OWN: &str = "Velvet Rope";
/// The others: name, script, and the packages whose versions are named.
const PEERS: [(&str, &str); 2] = [
    ("React with its router, no sign-in", "react"),
    ("React, Amplify, aws4fetch", "amplify"),
];
/// As Vite writes it: the script is known before the parser reaches it, and nothing is requested for an icon.
const PEER_PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>bench load</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<script type="module" crossorigin src="/app.js"></script>
<link rel="stylesheet" crossorigin href="/style.css">
</head>
<body><div id="root"></div></body>
</html>
"#;

/// What the program prints.
#[derive(Debug, Deserialize)]
struct Answer {
    browser: String,
    sites: Vec<Site>,
}

/// One page, with all its loads.
#[derive(Debug, Deserialize)]
struct Site {
    name: String,
    fast: Vec<Load>,
    slow: Vec<Load>,
    callback: Callbacks,
}

/// From the address of the callback to the signed-in page, in milliseconds. Empty for a site that does not sign in.
#[derive(Debug, Deserialize)]
struct Callbacks {
    fast: Vec<f64>,
    slow: Vec<f64>,
}

/// One load of a page in an empty browser.
#[derive(Debug, Deserialize)]
struct Load {
    /// Until the button is there that signs in, in milliseconds.
    ready: f64,
    /// Processor time of the main thread, in milliseconds.
    cpu: f64,
    /// Cumulative layout shift.
    shift: f64,
    /// Until the page is ready: requests, and bytes of the answers with their headers.
    requests: f64,
    bytes: f64,
}

/// Builds the pages, loads them, prints the table and writes it into the docs.
///
/// # Errors
/// When a tool is missing, a build fails, or a page is never ready.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache) -> Result<()> {
    let folder = workspace.target.join("bench").join("load");
    site::make_folder(&folder)?;
    let own = folder.join("own");
    dist::build(workspace, cache, &own).await?;
    let config = configure(workspace, &own)?;
    let page = read_text(&own.join("index.html"))?;
    let mut sites = vec![
        json!({ "name": OWN, "folder": own, "headers": headers(&page, &config)?, "signs_in": true }),
    ];
    let modules = tools::node::load_peers(workspace, cache).await?;
    let building = step("Bundle the other pages");
    let style = own_style(&page)?;
    for (name, script) in PEERS {
        let site = folder.join(script);
        bundle(workspace, &modules, script, &site).await?;
        write(&site.join("index.html"), PEER_PAGE)?;
        write(&site.join("style.css"), style)?;
        let headers = headers(PEER_PAGE, &config)?;
        sites.push(json!({ "name": name, "folder": site, "headers": headers }));
    }
    building.done();

    let plan = json!({ "rounds": { "fast": ROUNDS_FAST, "slow": ROUNDS_SLOW }, "sites": sites });
    let answer: Answer = site::run(workspace, &folder, SOURCES, plan).await?;
    for site in &answer.sites {
        ensure!(
            site.fast.len() == ROUNDS_FAST && site.slow.len() == ROUNDS_SLOW,
            "{} was not loaded {ROUNDS_FAST} and {ROUNDS_SLOW} times",
            site.name
        );
    }
    let text = described(&answer, &versions(workspace)?);
    line(&text);
    report::write(workspace, "load", &text)
}

/// Gives the release a configuration, and returns the text of it.
fn configure(workspace: &Workspace, dist: &Path) -> Result<String> {
    let config = read_text(&workspace.file("public/config.example.json"))?;
    write(&dist.join("config.json"), &config)?;
    Ok(config)
}

/// The headers that this page is hosted with. All pages get the same: a browser opens a page that no other site may refer to
/// (`Cross-Origin-Opener-Policy`) in a process of its own, which takes longer.
fn headers(page: &str, config: &str) -> Result<Value> {
    let page = hosting_rules::Page::read(page)?;
    let destinations = hosting_rules::Destinations::of(config)?;
    let headers = hosting_rules::Headers::new(&page, &destinations);
    let pairs = headers
        .all()
        .map(|(name, value)| (name.to_owned(), json!(value)));
    Ok(Value::Object(pairs.into_iter().collect()))
}

/// The style sheet in the page of the release: the others show the same page with it.
fn own_style(page: &str) -> Result<&str> {
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"));
    let (style, _) = style.context("the page of the release has no style sheet")?;
    Ok(style)
}

async fn bundle(workspace: &Workspace, modules: &Path, script: &str, site: &Path) -> Result<()> {
    let mut command = Command::new(modules.join(".bin/esbuild"));
    command
        .arg(workspace.file(SOURCES).join(script).with_extension("jsx"))
        .args(["--bundle", "--minify", "--format=esm", "--jsx=automatic"])
        .args(["--platform=browser", "--target=es2022"])
        .args(["--main-fields=browser,module,main", "--log-level=error"])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        .arg(format!("--outfile={}", site.join("app.js").display()))
        // The script is outside of the folder that its packages are in.
        .env("NODE_PATH", modules);
    process::run(command).await
}

/// The packages that are measured, with their versions.
fn versions(workspace: &Workspace) -> Result<String> {
    let file: PathBuf = workspace.file("xtask/tools/npm/load-peers/package.json");
    let manifest: Value =
        serde_json::from_str(&read_text(&file)?).context("package.json is not readable")?;
    let Some(packages) = manifest["dependencies"].as_object() else {
        bail!("package.json names no packages");
    };
    let named = packages.iter().map(|(name, version)| {
        let version = version.as_str().unwrap_or_default();
        format!("{name} {version}")
    });
    Ok(named.collect::<Vec<_>>().join(", "))
}

/// The middle one of the values.
fn median(loads: &[Load], value: fn(&Load) -> f64) -> f64 {
    middle(loads.iter().map(value).collect())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The machine, and a table with a row for each page.
fn described(answer: &Answer, versions: &str) -> String {
    let mut text = format!("{}; {versions}.\n\n", site::machine(&answer.browser));
    text += "| | Bytes | Requests | Ready, slow | Ready, fast | CPU of the main thread, fast | Layout shift |\n";
    text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    for site in &answer.sites {
        let _ = writeln!(
            text,
            "| {} | {:.0} KB | {:.0} | {:.0} ms | {:.0} ms | {:.0} ms | {:.3} |",
            site.name,
            median(&site.slow, |load| load.bytes) / 1000.0,
            median(&site.slow, |load| load.requests),
            median(&site.slow, |load| load.ready),
            median(&site.fast, |load| load.ready),
            median(&site.fast, |load| load.cpu),
            median(&site.slow, |load| load.shift),
        );
    }
    for site in &answer.sites {
        let (slow, fast) = (&site.callback.slow, &site.callback.fast);
        if slow.is_empty() || fast.is_empty() {
            continue;
        }
        let (slow, fast) = (middle(slow.clone()), middle(fast.clone()));
        let _ = write!(
            text,
            "\nFrom the address of the callback to the signed-in page: {slow:.0} ms slow, {fast:.0} ms fast; \
             {:.2} and {:.2} times the first load.\n",
            slow / median(&site.slow, |load| load.ready),
            fast / median(&site.fast, |load| load.ready),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_the_median_of_the_loads_of_each_page() {
        let load = |ready: f64| json!({ "ready": ready, "cpu": 40.4, "shift": 0, "requests": 7, "bytes": 131_613 });
        let loads = [900.0, 100.0, 120.4, 110.0, 130.0].map(load);
        let answer = json!({
            "browser": "Chrome/156.0.1.2",
            "sites": [
                { "name": OWN, "fast": loads, "slow": loads, "callback": { "fast": [60.2], "slow": [240.8] } },
                { "name": "other", "fast": loads, "slow": loads, "callback": { "fast": [], "slow": [] } },
            ],
        });
        let text = described(&serde_json::from_value(answer).unwrap(), "react 1.0");
        assert!(
            text.contains("Chromium 156, headless; react 1.0."),
            "{text}"
        );
        let row = "| Velvet Rope | 132 KB | 7 | 120 ms | 120 ms | 40 ms | 0.000 |";
        assert!(text.contains(row), "{text}");
        let callback =
            "signed-in page: 241 ms slow, 60 ms fast; 2.00 and 0.50 times the first load.";
        assert!(text.contains(callback), "{text}");
        assert_eq!(text.matches("callback").count(), 1, "{text}");
    }
}
