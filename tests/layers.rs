//! The rooms of `src/` and the arrows between them: they only go down (see ARCHITECTURE in docs/).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may name.
const ROOMS: [(&str, &[&str]); 14] = [
    ("time", &[]),
    ("secret", &[]),
    ("http", &[]),
    ("host", &["time"]),
    ("json", &["time"]),
    ("store", &[]),
    ("config", &["http"]),
    (
        "oauth",
        &["config", "host", "http", "json", "secret", "time"],
    ),
    (
        "aws",
        &["config", "http", "json", "oauth", "secret", "time"],
    ),
    ("gateway", &["config", "http", "json", "time"]),
    (
        "session",
        &[
            "aws", "config", "gateway", "host", "http", "json", "oauth", "secret", "store", "time",
        ],
    ),
    (
        "browser",
        &["aws", "config", "host", "http", "oauth", "store", "time"],
    ),
    (
        "auth",
        &[
            "aws", "browser", "config", "gateway", "host", "http", "oauth", "session", "time",
        ],
    ),
    (
        "ui",
        &[
            "auth", "aws", "browser", "config", "gateway", "http", "oauth", "session", "store",
            "time",
        ],
    ),
];

/// What only `browser` may name, and what only the reactive rooms may name.
const BROWSER: [&str; 4] = ["web_sys", "js_sys", "gloo_net", "wasm_bindgen"];
const REACTIVE: [&str; 2] = ["leptos", "leptos_router"];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    fs::read_dir(path)
        .unwrap()
        .flat_map(|entry| files(&entry.unwrap().path()))
        .collect()
}

fn room_files(room: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{room}.rs"));
    files(&if file.exists() { file } else { src.join(room) })
}

/// The words of the code, without comments: `crate::http::Method` is one.
fn words(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let of_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
    code.flat_map(|line| {
        line.split(|character| !of_path(character))
            .map(str::to_owned)
    })
    .collect()
}

fn is_under(word: &str, root: &str) -> bool {
    word == root || word.starts_with(&format!("{root}::"))
}

#[test]
fn every_room_names_only_rooms_below_it() {
    for (room, allowed) in ROOMS {
        let files = room_files(room);
        assert!(!files.is_empty(), "{room} has no files");
        for file in files {
            for word in words(&file) {
                let Some(named) = word
                    .strip_prefix("crate::")
                    .and_then(|rest| rest.split("::").next())
                else {
                    continue;
                };
                let fits = named == room || allowed.contains(&named);
                assert!(
                    fits,
                    "{} names {word}, but {room} may use only {allowed:?}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_list_of_rooms_is_complete() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let room = name.trim_end_matches(".rs");
        let known = ["lib", "main", "signer"].contains(&room)
            || ROOMS.iter().any(|(known, _)| *known == room);
        assert!(known, "{name} is no room that tests/layers.rs knows");
    }
}

#[test]
fn only_browser_touches_the_browser_and_only_auth_and_ui_are_reactive() {
    for (room, _) in ROOMS {
        let reactive = ["auth", "ui"].contains(&room);
        for file in room_files(room) {
            for word in words(&file) {
                let browser = BROWSER.iter().any(|root| is_under(&word, root));
                assert!(
                    !browser || room == "browser",
                    "{} names {word}",
                    file.display()
                );
                let leptos = REACTIVE.iter().any(|root| is_under(&word, root));
                assert!(!leptos || reactive, "{} names {word}", file.display());
            }
        }
    }
}
