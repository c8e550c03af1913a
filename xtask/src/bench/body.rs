//! How long a signed request with a body of 10 MB, the most that API Gateway accepts, keeps the main thread of Chromium busy.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{report, site};
use crate::{
    release::examples,
    support::{cache::Cache, files::read_text, report::line, workspace::Workspace},
};

const SOURCES: &str = "xtask/bench/body";
const LENGTH: usize = 10_000_000;
const ROUNDS: usize = 15;

/// What the program prints; times in milliseconds, one for each round.
#[derive(Debug, Deserialize)]
struct Answer {
    browser: String,
    longest: Vec<f64>,
}

/// Builds the page of the tests like a release, sends the body, prints the figures and writes them into the docs.
///
/// # Errors
/// When a tool is missing, the build fails, or the body does not arrive.
pub(crate) async fn run(workspace: &Workspace, cache: &Cache) -> Result<()> {
    let folder = workspace.target.join("bench").join("body");
    site::make_folder(&folder)?;
    let page = folder.join("page");
    examples::build_page(workspace, cache, &page).await?;
    let config = read_text(&workspace.file("public/config.example.json"))?;
    let config: Value = serde_json::from_str(&config).context("config.example.json")?;
    let plan = json!({ "folder": page, "config": config, "length": LENGTH, "rounds": ROUNDS });
    let answer: Answer = site::run(workspace, &folder, SOURCES, plan).await?;
    let text = described(answer)?;
    line(&text);
    report::write(workspace, "body", &text)
}

fn described(answer: Answer) -> Result<String> {
    let Answer {
        browser,
        mut longest,
    } = answer;
    ensure!(longest.len() == ROUNDS, "{} rounds", longest.len());
    longest.sort_by(f64::total_cmp);
    let (median, most) = (longest[ROUNDS / 2], longest[ROUNDS - 1]);
    Ok(format!(
        "{}.\n\n| Body of 10 MB, signed | Median | Most |\n| --- | ---: | ---: |\n\
         | Longest time in which the main thread did nothing else | {median:.1} ms | {most:.1} ms |\n",
        site::machine(&browser)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_median_and_the_most() {
        let longest = (1_u8..=15).rev().map(f64::from).collect();
        let browser = "Chrome/156.0.1.2".to_owned();
        let text = described(Answer { browser, longest }).unwrap();
        assert!(text.contains("| 8.0 ms | 15.0 ms |"), "{text}");
    }

    #[test]
    fn a_round_that_was_not_measured_is_an_error() {
        let browser = String::new();
        let longest = vec![1.0];
        assert!(described(Answer { browser, longest }).is_err());
    }
}
