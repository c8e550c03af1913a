//! The modules of the library, of the app and of the OpenAPI reader, and the arrows between them: they only go down
//! (ARCHITECTURE.md).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The sources of one crate: its folder, the files at its root that are no modules of their own, and each module with
/// the modules that it may name.
struct Sources {
    folder: &'static str,
    roots: &'static [&'static str],
    modules: &'static [(&'static str, &'static [&'static str])],
    /// The modules that may name browser APIs.
    browser: &'static [&'static str],
    /// The modules that may name Leptos.
    reactive: &'static [&'static str],
}

const LIBRARY: Sources = Sources {
    folder: "crates/velvet-rope/src",
    roots: &["lib"],
    modules: &[
        ("time", &[]),
        ("secret", &[]),
        ("http", &[]),
        ("later", &[]),
        ("host", &["time"]),
        ("json", &["time"]),
        ("store", &[]),
        ("config", &["http"]),
        (
            "oauth",
            &["config", "host", "http", "json", "secret", "time"],
        ),
        ("gateway", &["config", "http", "json", "time"]),
        (
            "aws",
            &[
                "config", "gateway", "http", "json", "oauth", "secret", "time",
            ],
        ),
        (
            "session",
            &[
                "aws", "config", "gateway", "host", "http", "json", "later", "oauth", "secret",
                "store", "time",
            ],
        ),
        (
            "browser",
            &[
                "aws", "config", "host", "http", "later", "oauth", "store", "time",
            ],
        ),
        (
            "client",
            &[
                "aws", "browser", "config", "gateway", "host", "http", "later", "oauth", "session",
            ],
        ),
        (
            "auth",
            &[
                "browser", "client", "config", "gateway", "oauth", "session", "time",
            ],
        ),
    ],
    browser: &["browser"],
    reactive: &["auth"],
};

const APP: Sources = Sources {
    folder: "src",
    roots: &["lib", "main", "signer"],
    modules: &[
        ("browser", &[]),
        ("messages", &[]),
        ("route", &[]),
        ("components", &["browser", "messages", "route"]),
        ("doctor", &["browser", "components", "messages"]),
        (
            "console",
            &["browser", "components", "doctor", "messages", "route"],
        ),
        ("pages", &["browser", "components", "messages", "route"]),
        (
            "app",
            &[
                "browser",
                "components",
                "console",
                "doctor",
                "pages",
                "route",
            ],
        ),
        ("boot", &["app", "browser", "components", "pages"]),
    ],
    browser: &["browser"],
    reactive: &["components", "console", "doctor", "pages", "app", "boot"],
};

const OPENAPI: Sources = Sources {
    folder: "crates/velvet-rope-openapi/src",
    roots: &["lib"],
    modules: &[
        ("error", &[]),
        ("limits", &[]),
        ("pointer", &[]),
        ("syntax", &["error", "limits"]),
        ("model", &["error", "limits"]),
        ("read", &["error", "limits", "model", "pointer"]),
        ("example", &["model", "read"]),
        ("loader", &["error", "limits", "model", "read", "syntax"]),
    ],
    browser: &[],
    reactive: &[],
};

const ALL: [Sources; 3] = [LIBRARY, APP, OPENAPI];

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

impl Sources {
    fn root(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }

    fn files_of(&self, module: &str) -> Vec<PathBuf> {
        let file = self.root().join(format!("{module}.rs"));
        files(&if file.exists() {
            file
        } else {
            self.root().join(module)
        })
    }
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
fn every_module_names_only_modules_below_it() {
    for sources in ALL {
        for (module, allowed) in sources.modules {
            let files = sources.files_of(module);
            assert!(!files.is_empty(), "{module} has no files");
            for file in files {
                for word in words(&file) {
                    let Some(named) = word
                        .strip_prefix("crate::")
                        .and_then(|rest| rest.split("::").next())
                    else {
                        continue;
                    };
                    let fits = named == *module || allowed.contains(&named);
                    assert!(
                        fits,
                        "{} names {word}, but {module} may use only {allowed:?}",
                        file.display()
                    );
                }
            }
        }
    }
}

#[test]
fn the_lists_of_modules_are_complete() {
    for sources in ALL {
        for entry in fs::read_dir(sources.root()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let module = name.trim_end_matches(".rs");
            let known = sources.roots.contains(&module)
                || sources.modules.iter().any(|(known, _)| *known == module);
            assert!(known, "{name} is no module that tests/layers.rs knows");
        }
    }
}

#[test]
fn browser_apis_and_leptos_are_named_only_where_they_may_be() {
    for sources in ALL {
        for (module, _) in sources.modules {
            for file in sources.files_of(module) {
                for word in words(&file) {
                    let names = |roots: &[&str]| roots.iter().any(|root| is_under(&word, root));
                    assert!(
                        !names(&BROWSER) || sources.browser.contains(module),
                        "{} names {word}",
                        file.display()
                    );
                    assert!(
                        !names(&REACTIVE) || sources.reactive.contains(module),
                        "{} names {word}",
                        file.display()
                    );
                }
            }
        }
    }
}

/// The modules of `session`, from the bottom up: each may name only those before it.
const SESSION: [&str; 26] = [
    "keys",
    "clock",
    "error",
    "state",
    "event",
    "session_info",
    "credentials_cache",
    "notes",
    "record",
    "message",
    "context",
    "idle",
    "session_store",
    "endpoints",
    "provider",
    "pending",
    "tabs",
    "renewal",
    "sign_in",
    "credentials",
    "accounts",
    "sign_out",
    "call",
    "tick",
    "restore",
    "client",
];

#[test]
fn every_part_of_the_session_names_only_parts_below_it() {
    let folder = LIBRARY.root().join("session");
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let module = name(&path);
        if ["mod", "testing", "tests"].contains(&module.as_str()) {
            continue;
        }
        let level = SESSION.iter().position(|known| *known == module);
        let level = level.unwrap_or_else(|| panic!("{module} has no place in this test"));
        for file in files(&path) {
            // In a file of a folder, `super` is the folder.
            let at_top = file.parent() == Some(&folder) || name(&file) == "mod";
            let text = fs::read_to_string(&file).unwrap();
            let hides = text.contains("super::{") || text.contains("crate::session::{");
            assert!(!hides, "{}: write one `use` a line", file.display());
            for word in words(&file) {
                let below_session = word
                    .strip_prefix("crate::session::")
                    .or_else(|| word.strip_prefix("super::").filter(|_| at_top));
                let Some(named) = below_session.and_then(|rest| rest.split("::").next()) else {
                    continue;
                };
                let target = SESSION.iter().position(|known| *known == named);
                assert!(
                    target.is_none_or(|target| target <= level),
                    "{} names {word}, which is above it",
                    file.display()
                );
            }
        }
    }
}
