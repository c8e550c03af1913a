//! Whether the API console stays fluid in Chromium: 2,000 operations with a slow processor, and the largest document.

use std::{
    fmt::Write as _,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::report;
use super::site;
use crate::{
    release::dist,
    support::{
        cache::Cache,
        files::{files_below, read_text, write},
        report::line,
        workspace::Workspace,
    },
};

const SOURCES: &str = "xtask/bench/console";
const OPERATIONS: usize = 2_000;
/// They make 10 MB.
const ITEMS: usize = 160_000;
/// The largest document of the tests.
const LARGEST: &str = "crates/velvet-rope-openapi/tests/data/openapi/github.json.gz";

/// What the program prints; times in milliseconds.
#[derive(Debug, Deserialize)]
struct Answer {
    browser: String,
    operations: Operations,
    largest: Largest,
    body: Large,
}

/// An answer of 10 MB.
#[derive(Debug, Deserialize)]
struct Large {
    task: f64,
    scrolling: f64,
}

#[derive(Debug, Deserialize)]
struct Operations {
    count: usize,
    found: usize,
    scrolling: f64,
    typing: f64,
}

#[derive(Debug, Deserialize)]
struct Largest {
    ready: f64,
    task: f64,
}

/// Builds the release, uses its console, prints the table and writes it into the docs.
///
/// # Errors
/// When a tool is missing, the build fails, or the console does not show the documents.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache) -> Result<()> {
    let folder = workspace.target.join("bench").join("console");
    let own = folder.join("operations");
    site::make_folder(&folder)?;
    dist::build(workspace, cache, &own).await?;
    let largest = folder.join("largest");
    copy(&own, &largest)?;
    prepare(workspace, &own, &operations().to_string())?;
    let document = largest_document(&workspace.file(LARGEST))?;
    prepare(workspace, &largest, &document)?;

    let answer = folder.join("answer");
    copy(&own, &answer)?;
    prepare_answer(workspace, &answer)?;

    let folders = [
        ("operations", &own),
        ("largest", &largest),
        ("answer", &answer),
    ];
    let sites =
        folders.map(|(name, folder)| (name.to_owned(), json!({ "folder": folder, "headers": {} })));
    let plan = Value::Object(sites.into_iter().collect());
    let answer: Answer = site::run(workspace, &folder, SOURCES, plan).await?;
    let Operations { count, found, .. } = answer.operations;
    ensure!(count == OPERATIONS, "the console shows {count} operations");
    ensure!(
        found > 0 && found < count,
        "the search found {found} operations"
    );
    let text = described(&answer, document.len());
    line(&text);
    report::write(workspace, "console", &text)
}

fn example(workspace: &Workspace) -> Result<Value> {
    let text = read_text(&workspace.file("public/config.example.json"))?;
    serde_json::from_str(&text).context("config.example.json")
}

/// The configuration names the document, which is on the site.
fn prepare(workspace: &Workspace, site: &Path, document: &str) -> Result<()> {
    let mut config = example(workspace)?;
    config["api"]["openapi"] = json!("/openapi.json");
    write(&site.join("config.json"), config.to_string())?;
    write(&site.join("openapi.json"), document)
}

/// The site itself is the API, with one route that answers 10 MB.
fn prepare_answer(workspace: &Workspace, site: &Path) -> Result<()> {
    let mut config = example(workspace)?;
    config["api"]["routes"] =
        json!([{ "name": "Large", "method": "GET", "path": "/answer.json", "auth": "open" }]);
    if let Some(api) = config["api"].as_object_mut() {
        api.remove("key");
    }
    write(&site.join("config.json"), config.to_string())?;
    let item = |number: usize| json!({ "id": number, "title": format!("Item {number}"), "tags": ["a", "b"], "price": number * 7 % 1_000 });
    let items: Vec<Value> = (0..ITEMS).map(item).collect();
    write(&site.join("answer.json"), Value::from(items).to_string())
}

/// An API with groups, as large ones have them.
fn operations() -> Value {
    let mut paths = serde_json::Map::new();
    for number in 0..OPERATIONS {
        let (tag, path) = (
            format!("group {}", number / 100),
            format!("/group{}/orders/{{id}}/items/{number}", number / 100),
        );
        let parameter =
            json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
        let operation = json!({
            "tags": [tag],
            "summary": format!("Item {number} of an order"),
            "security": [{ "sigv4": [] }],
            "parameters": [parameter],
        });
        paths.insert(path, json!({ "get": operation }));
    }
    let scheme = json!({
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
    });
    json!({
        "openapi": "3.0.1",
        "info": { "title": "Two thousand operations", "version": "1" },
        "paths": paths,
        "components": { "securitySchemes": { "sigv4": scheme } },
    })
}

fn largest_document(file: &Path) -> Result<String> {
    let compressed =
        std::fs::File::open(file).with_context(|| format!("could not read {}", file.display()))?;
    let mut text = String::new();
    let mut decoder = GzDecoder::new(compressed);
    decoder
        .read_to_string(&mut text)
        .with_context(|| format!("could not unpack {}", file.display()))?;
    Ok(text)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let below: PathBuf = file
            .strip_prefix(from)
            .context("a file of the release")?
            .into();
        let target = to.join(below);
        let folder = target.parent().context("a folder of the release")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        std::fs::copy(&file, &target)
            .with_context(|| format!("could not copy {}", file.display()))?;
    }
    Ok(())
}

/// The machine, and a table with a row for each figure.
fn described(answer: &Answer, bytes: usize) -> String {
    let mut text = site::machine(&answer.browser) + ".\n\n";
    text += "| | |\n| --- | ---: |\n";
    let megabytes = bytes / 100_000;
    let rows = [
        (
            "2,000 operations, processor slowed down four times: longest frame while scrolling"
                .to_owned(),
            answer.operations.scrolling,
        ),
        (
            "2,000 operations, processor slowed down four times: longest frame while typing"
                .to_owned(),
            answer.operations.typing,
        ),
        (
            format!(
                "Document of {}.{} MB: from the address to the list",
                megabytes / 10,
                megabytes % 10
            ),
            answer.largest.ready,
        ),
        (
            "The same: longest task of the main thread".to_owned(),
            answer.largest.task,
        ),
        (
            "Answer of 10 MB of JSON: longest task of the main thread".to_owned(),
            answer.body.task,
        ),
        (
            "The same, all values expanded: longest frame while scrolling".to_owned(),
            answer.body.scrolling,
        ),
    ];
    for (name, value) in rows {
        let _ = writeln!(text, "| {name} | {value:.0} ms |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_all_operations_in_groups() {
        let document = operations();
        assert_eq!(document["paths"].as_object().unwrap().len(), OPERATIONS);
    }

    #[test]
    fn the_table_has_a_row_for_each_figure() {
        let answer = json!({
            "browser": "Chrome/156.0.1.2",
            "operations": { "count": 2000, "found": 20, "scrolling": 33.4, "typing": 41.6 },
            "largest": { "ready": 2100.2, "task": 80 },
            "body": { "task": 60, "scrolling": 20 },
        });
        let text = described(&serde_json::from_value(answer).unwrap(), 13_250_000);
        assert!(text.contains("typing | 42 ms |"), "{text}");
        assert!(
            text.contains("Document of 13.2 MB: from the address to the list | 2100 ms |"),
            "{text}"
        );
    }
}
