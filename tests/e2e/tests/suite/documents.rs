//! API descriptions in the API console: all that the reader is tested with, and one that takes long.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;
use velvet_rope_openapi::{Document, Limits};

const DOCUMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../crates/velvet-rope-openapi/tests/data/openapi"
);
const EXPECTED: &str = "expected.json";

/// The values of a document that takes many seconds: nearly as many as the limit.
const VALUES: usize = 600_000;

/// The documents, with a compressed one unpacked into `folder`.
fn documents(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(DOCUMENTS)? {
        // The driver takes no other path.
        let path = entry?.path().canonicalize()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let extension = path.extension().unwrap_or_default();
        if extension == "gz" {
            let unpacked = folder.join(name.trim_end_matches(".gz"));
            let mut text = Vec::new();
            GzDecoder::new(File::open(&path)?).read_to_end(&mut text)?;
            fs::write(&unpacked, text)?;
            documents.push(unpacked);
        } else if extension != "md" && name != EXPECTED {
            documents.push(path);
        }
    }
    documents.sort();
    Ok(documents)
}

/// Opens a document, which must have as many operations and mistakes as expected, or be refused.
async fn open(fixture: &Fixture, file: &Path, expected: Option<&Value>) -> Result<()> {
    let console = fixture.console();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    console.choose_document(file).await?;
    let Some(expected) = expected else {
        let refused = "The API description cannot be opened";
        return console.wait_for_text(".import .notice", refused).await;
    };
    let document = Document::parse(&fs::read_to_string(file)?, Limits::default())?;
    let counted = |count: usize, noun: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {noun}{ending}")
    };
    let total = expected["operations_total"]
        .as_u64()
        .context("no number of operations")?;
    let found = format!(
        "{} from {name}",
        counted(usize::try_from(total)?, "operation")
    );
    console.wait_for_text(".import", &found).await?;
    let mistakes = document.problems.len() + document.omitted_problems;
    let listed = console.text(".import-problems summary").await?;
    let expected = (mistakes > 0).then(|| counted(mistakes, "problem") + " in the document");
    ensure!(listed == expected, "{listed:?}, expected {expected:?}");
    console.button("Close the document").click().await?;
    console.find(".import-choices").await?;
    Ok(())
}

#[test]
fn every_document_opens_with_its_operations_or_is_refused_with_the_page_alive() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let folder = tempfile::tempdir()?;
        let expected = fs::read_to_string(Path::new(DOCUMENTS).join(EXPECTED))?;
        let expected: BTreeMap<String, Value> = serde_json::from_str(&expected)?;
        fixture.open("/console").await?;
        let console = fixture.console();
        let mut opened = 0;
        for file in documents(folder.path())? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let expected = expected
                .get(&*name)
                .or_else(|| expected.get(&format!("{name}.gz")));
            open(fixture, &file, expected)
                .await
                .with_context(|| name.into_owned())?;
            opened += usize::from(expected.is_some());
            // The page lives.
            console.type_into("#operation-search", "no-auth").await?;
            console.wait_for_operations(&["GET /no-auth"]).await?;
            console.find("#operation-search").await?.clear().await?;
        }
        ensure!(opened == expected.len(), "{opened} were opened");
        console.choose("GET /no-auth").await?;
        console.send_and_wait("200").await
    })
}

/// A document with one path and so many examples.
fn long_document() -> String {
    let mut text =
        "{\"openapi\":\"3.0.1\",\"paths\":{\"/late\":{\"get\":{}}},\"components\":{\"examples\":[0"
            .to_owned();
    for number in 0..VALUES {
        let _ = write!(text, ",{{\"value\":{number}}}");
    }
    text + "]}}"
}

#[test]
fn reading_a_long_document_shows_how_much_is_done() -> TestResult {
    /// Notes what the page shows, which may change faster than a test can look.
    const WATCH: &str = "
        window.amounts = [];
        new MutationObserver(() => {
            const shown = document.querySelector('.import-amount')?.textContent;
            const share = document.querySelector('.import-progress')?.getAttribute('value');
            if (shown) amounts.push([shown, share]);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });";
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("long.json");
        fs::write(&file, long_document())?;
        fixture.open("/console").await?;
        let console = fixture.console();
        console.heading().element().await?;
        fixture.browser.evaluate(WATCH, Vec::new()).await?;
        console.choose_document(&file.canonicalize()?).await?;
        console
            .wait_for_text(".import", "1 operation from long.json")
            .await?;
        let amounts = fixture
            .browser
            .evaluate("return amounts;", Vec::new())
            .await?;
        let amounts: Vec<(String, Option<String>)> = serde_json::from_value(amounts)?;
        let shares = amounts.iter().filter_map(|(shown, share)| {
            let share = share.as_ref()?.parse::<u8>().ok()?;
            shown.ends_with(" of 10 MB").then_some(share)
        });
        let shares: Vec<u8> = shares.collect();
        ensure!(shares.len() > 2 && shares.is_sorted(), "{amounts:?}");
        Ok(())
    })
}

#[test]
fn the_reading_of_a_document_that_does_not_arrive_is_cancelled() -> TestResult {
    let setup = Setup::default().config(|config| {
        let base_url = config["api"]["base_url"].as_str().unwrap_or_default();
        config["api"]["openapi"] = json!([base_url, "/no-auth"].concat());
    });
    browser_test(test_name!(), setup, async |fixture| {
        let document = json!({ "openapi": "3.0.1", "paths": { "/late": { "get": {} } } });
        let answer = StubResponse::json(200, &document);
        fixture
            .proxy
            .inject(RequestKind::OPEN_ROUTE, Fault::ReplaceResponse(answer));
        fixture.open("/console").await?;
        let console = fixture.console();
        console.wait_for_text(".import", "1 operation").await?;
        console.choose("GET /late").await?;
        fixture.proxy.clear_faults();
        fixture.proxy.inject(RequestKind::OPEN_ROUTE, Fault::Hang);
        fixture.open("/console").await?;
        console.wait_for_text(".import", "Reading").await?;
        console.button("Cancel").click().await?;
        console.find(".import-choices").await?;
        console
            .wait_for_operations(&["GET /no-auth", "GET /require-auth"])
            .await?;
        // Another document opens.
        let other = "{\"openapi\":\"3.0.1\",\"paths\":{\"/soon\":{\"get\":{}}}}";
        console.paste_document(other).await?;
        console
            .wait_for_text(".import", "1 operation from the pasted text")
            .await?;
        console.choose("GET /soon").await
    })
}
