//! The documents of `tests/data/openapi`.
#![allow(dead_code, clippy::allow_attributes, reason = "each test uses a part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, io::Read as _, path::PathBuf, sync::LazyLock};

use flate2::read::GzDecoder;
use velvet_rope_openapi::{Document, Limits};

/// How a gzip file begins (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/openapi")
}

/// The names of all API descriptions.
pub(crate) fn names() -> Vec<String> {
    let files = fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names = names
        .filter(|name| !["expected.json", "SOURCES.md"].contains(&name.as_str()))
        .collect::<Vec<_>>();
    names.sort();
    names
}

/// The text of a file, unpacked.
pub(crate) fn text(name: &str) -> String {
    let bytes = fs::read(folder().join(name)).unwrap();
    if !bytes.starts_with(&GZIP) {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text
}

static DOCUMENTS: LazyLock<Vec<(String, Document)>> = LazyLock::new(|| {
    let documents = names().into_iter().filter_map(|name| {
        let document = Document::parse(&text(&name), Limits::default());
        Some((name, document.ok()?))
    });
    documents.collect()
});

/// The documents that can be read, with their names.
pub(crate) fn readable() -> impl Iterator<Item = (&'static str, &'static Document)> {
    DOCUMENTS
        .iter()
        .map(|(name, document)| (name.as_str(), document))
}

pub(crate) fn document(name: &str) -> Document {
    parse(&text(name))
}

pub(crate) fn parse(text: &str) -> Document {
    Document::parse(text, Limits::default()).unwrap()
}
