//! Results in `docs/performance.md`, each between two marks, so that a new measurement replaces the one before.

use anyhow::{Context as _, Result};

use crate::support::workspace::Workspace;

const PAGE: &str = "docs/performance.md";

/// Replaces the result `name` in the docs by `text`.
///
/// # Errors
/// When the page cannot be read or written, or has no place for this result.
pub(super) fn write(workspace: &Workspace, name: &str, text: &str) -> Result<()> {
    let file = workspace.file(PAGE);
    let page = std::fs::read_to_string(&file)
        .with_context(|| format!("could not read {}", file.display()))?;
    let page = replaced(&page, name, text)
        .with_context(|| format!("{PAGE} has no place for the result `{name}`"))?;
    std::fs::write(&file, page).with_context(|| format!("could not write {}", file.display()))
}

fn replaced(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- bench {name} -->\n"),
        format!("<!-- end {name} -->\n"),
    );
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

/// This machine: its processor and how many there are of it.
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    });
    let model = model.unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!("{model}, {cores} cores")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_result_replaces_the_one_before_and_nothing_else() {
        let page = "# A\n<!-- bench sign -->\nold\n<!-- end sign -->\n<!-- bench load -->\nx\n<!-- end load -->\n";
        let expected = page.replace("old", "new");
        assert_eq!(replaced(page, "sign", "new\n"), Some(expected.clone()));
        assert_eq!(replaced(&expected, "sign", "new\n"), Some(expected));
        assert_eq!(replaced(page, "other", "new\n"), None);
    }
}
