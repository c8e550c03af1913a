//! API descriptions in the API console: all that the reader is tested with, and one that takes long.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use serde_json::Value;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
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
        let path = entry?.path();
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
fn reading_a_long_document_shows_how_much_is_done_and_is_cancelled() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("long.json");
        fs::write(&file, long_document())?;
        fixture.open("/console").await?;
        let console = fixture.console();
        console.choose_document(&file).await?;
        console.wait_for_text(".import-amount", " of 10 MB").await?;
        let bar = console.find(".import-progress").await?;
        let share = bar.attr("value").await?.context("the bar has no value")?;
        ensure!(share.parse::<u8>()? < 100, "{share}");
        console.button("Cancel").click().await?;
        console.find(".import-choices").await?;
        console
            .wait_for_operations(&["GET /no-auth", "GET /require-auth"])
            .await?;
        // Another document opens.
        console
            .paste_document("{\"openapi\":\"3.0.1\",\"paths\":{\"/soon\":{\"get\":{}}}}")
            .await?;
        console
            .wait_for_text(".import", "1 operation from the pasted text")
            .await?;
        console.choose("GET /soon").await?;
        ensure!(
            !console
                .operations()
                .await?
                .contains(&"GET /late".to_owned()),
            "the cancelled document was opened"
        );
        Ok(())
    })
}
