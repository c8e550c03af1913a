//! Tables of the documentation that have the words of the app.

use std::sync::{Mutex, PoisonError};
use std::{env, fs};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/troubleshooting.md");

/// One test at a time writes.
static WRITING: Mutex<()> = Mutex::new(());

/// Fails unless the table with this head has these rows. With `VELVET_ROPE_WRITE_DOCS` set, it writes them instead.
pub(super) fn check(head: &str, rows: &str) {
    let _lock = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let found = text.split_once(head);
    let (before, rest) =
        found.unwrap_or_else(|| panic!("{DOCUMENT} has no table with this head:\n{head}"));
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let (found, after) = rest.split_at(end);
    if env::var_os("VELVET_ROPE_WRITE_DOCS").is_some() {
        fs::write(DOCUMENT, [before, head, rows, after].concat()).unwrap();
        return;
    }
    assert!(
        found == rows,
        "{DOCUMENT} differs from src/messages; VELVET_ROPE_WRITE_DOCS=1 cargo test -p velvet-rope-app writes it:\n{rows}"
    );
}
