//! How large the release is on the wire: each file raw, with gzip and with brotli, and what a first visit costs.

use std::fmt::Write as _;

/// What a first visit may cost, in bytes with brotli: what it costs now and less than 1 % more, so that the next growth is a
/// decision and no accident.
pub(crate) const FIRST_LOAD_BUDGET: u64 = 87_400;

/// What is fetched when it is first needed, or when the network is idle.
const LATER: [&str; 6] = [
    "signer", "session-", "pages-", "console-", "shared-", "later-",
];

/// What a browser fetches before the page is usable.
const FIRST_LOAD: [&str; 4] = ["html", "js", "wasm", "css"];

/// The sizes of one file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileSize {
    /// Its path below `dist/`.
    pub(crate) path: String,
    /// As it is on disk.
    pub(crate) raw: u64,
    /// Its gzip copy.
    pub(crate) gzip: u64,
    /// Its brotli copy.
    pub(crate) brotli: u64,
}

impl FileSize {
    fn is_first_load(&self) -> bool {
        let extension = self.path.rsplit_once('.').map(|(_, extension)| extension);
        extension.is_some_and(|extension| FIRST_LOAD.contains(&extension))
            && !LATER.iter().any(|later| self.path.starts_with(later))
    }
}

/// The bytes of a first visit with brotli.
pub(crate) fn first_load(files: &[FileSize]) -> u64 {
    files
        .iter()
        .filter(|file| file.is_first_load())
        .map(|file| file.brotli)
        .sum()
}

/// The sizes of all `files`, the largest first, and their first-load total.
pub(crate) fn table(files: &[FileSize]) -> String {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by_key(|file| (std::cmp::Reverse(file.brotli), file.path.clone()));
    let width = sorted
        .iter()
        .map(|file| file.path.len())
        .max()
        .unwrap_or_default()
        .max(10);
    let mut text = format!(
        "    {:width$} {:>10} {:>10} {:>10}\n",
        "file", "raw", "gzip", "brotli"
    );
    for FileSize {
        path,
        raw,
        gzip,
        brotli,
    } in sorted
    {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {path:width$} {raw:>10} {gzip:>10} {brotli:>10}");
    }
    let first_load: Vec<_> = files.iter().filter(|file| file.is_first_load()).collect();
    let total = |size: fn(&FileSize) -> u64| first_load.iter().map(|file| size(file)).sum::<u64>();
    let _ = write!(
        text,
        "    {:width$} {:>10} {:>10} {:>10}",
        "first load",
        total(|file| file.raw),
        total(|file| file.gzip),
        total(|file| file.brotli),
    );
    text
}

/// Says by how much the first load is over the budget, if it is.
pub(crate) fn over_budget(files: &[FileSize]) -> Option<String> {
    let total = first_load(files);
    (total > FIRST_LOAD_BUDGET).then(|| {
        format!(
            "a first visit loads {total} bytes with brotli (HTML, JavaScript, WASM and CSS), which \
             is {} over the budget of {FIRST_LOAD_BUDGET}",
            total - FIRST_LOAD_BUDGET
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, brotli: u64) -> FileSize {
        FileSize {
            path: path.to_owned(),
            raw: brotli * 4,
            gzip: brotli * 2,
            brotli,
        }
    }

    #[test]
    fn counts_only_what_a_first_visit_fetches() {
        let files = [
            file("app_bg.wasm", 100),
            file("app.js", 20),
            file("icons.svg", 7),
            file("signer_bg.wasm", 60),
            file("signer.js", 3),
        ];
        assert_eq!(first_load(&files), 120);
    }

    #[test]
    fn the_budget_itself_is_still_within_the_budget() {
        assert_eq!(over_budget(&[file("app.wasm", FIRST_LOAD_BUDGET)]), None);
        let message = over_budget(&[file("app.wasm", FIRST_LOAD_BUDGET + 1)]).unwrap();
        let loads = format!("{} bytes", FIRST_LOAD_BUDGET + 1);
        assert!(message.contains(&loads), "{message}");
        let over = format!("is 1 over the budget of {FIRST_LOAD_BUDGET}");
        assert!(message.contains(&over), "{message}");
    }

    #[test]
    fn lists_the_largest_file_first_and_sums_the_first_load() {
        let table = table(&[
            file("index.html", 10),
            file("icons.svg", 30),
            file("app.wasm", 20),
        ]);
        assert_eq!(
            table
                .lines()
                .map(|line| line.split_whitespace().collect())
                .collect::<Vec<Vec<_>>>(),
            [
                vec!["file", "raw", "gzip", "brotli"],
                vec!["icons.svg", "120", "60", "30"],
                vec!["app.wasm", "80", "40", "20"],
                vec!["index.html", "40", "20", "10"],
                vec!["first", "load", "120", "60", "30"],
            ]
        );
    }
}
