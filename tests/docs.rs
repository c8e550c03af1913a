//! The documents: links lead somewhere, the sources that they name exist, and no merge was left half done.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a source may lie that a document names by its path below one of these.
const SOURCES: [&str; 4] = ["", "crates/velvet-rope/src", "src", "crates/velvet-rope"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<(PathBuf, String)> {
    let folders = [root(), root().join("docs")];
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The parts of a text between `open` and `close`.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    let parts = text.split(open).skip(1);
    parts.filter_map(move |part| Some(part.split_once(close)?.0))
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ => character.is_alphanumeric().then_some(character),
    });
    kept.collect()
}

fn has_anchor(document: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(document).unwrap();
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|heading| anchor(heading) == wanted)
}

#[test]
fn no_document_has_the_marks_of_a_conflict() {
    for (path, text) in documents() {
        for (number, line) in text.lines().enumerate() {
            let is_mark = line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>");
            let number = number + 1;
            assert!(!is_mark && line != "=======", "{}:{number}", path.display());
        }
    }
}

#[test]
fn every_link_between_documents_leads_to_a_file_and_a_heading() {
    for (path, text) in documents() {
        for link in between(&text, "](", ')') {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                _ => path.parent().unwrap().join(file),
            };
            let place = path.display();
            assert!(target.exists(), "{place}: {link}");
            assert!(
                heading.is_empty() || has_anchor(&target, heading),
                "{place}: {link}"
            );
        }
    }
}

/// Of a cell of a table such as "`oauth/pkce.rs`: `name`, `other`; `oauth/tokens.rs`", each source with the names that
/// follow it.
fn named_sources(cell: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sources: Vec<(&str, Vec<&str>)> = Vec::new();
    for code in cell.split('`').skip(1).step_by(2) {
        let is_source = Path::new(code)
            .extension()
            .is_some_and(|extension| extension == "rs");
        if is_source {
            sources.push((code, Vec::new()));
        } else if let Some((_, names)) = sources.last_mut()
            && code.chars().all(|one| one.is_alphanumeric() || one == '_')
        {
            names.push(code);
        }
    }
    sources
}

#[test]
fn the_table_of_security_names_sources_and_functions_that_exist() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|'));
    // Code and tests are in the last two columns.
    let cells = rows.flat_map(|row| row.trim_end_matches('|').rsplit(" | ").take(2));
    let mut checked = 0;
    for (source, names) in cells.flat_map(named_sources) {
        let mut places = SOURCES.iter().map(|place| root().join(place).join(source));
        let file = places.find(|place| place.exists());
        let file = file.unwrap_or_else(|| panic!("there is no {source}"));
        let tests = file.with_extension("").join("tests.rs");
        let code = [file, tests].map(|file| fs::read_to_string(file).unwrap_or_default());
        let code = code.concat();
        for name in names {
            let is_there = ["fn ", "const ", "struct "]
                .iter()
                .any(|kind| code.contains(&[kind, name].concat()));
            assert!(is_there, "{source}: {name}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
}
