//! Checking the current page with axe-core.

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::fixture::Fixture;

/// All rules that are on by default, and the one of WCAG 2.2 AA that is not.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const brief = rule => ({
        id: rule.id,
        help: rule.help,
        nodes: rule.nodes.map(node => `${node.target.join(' ')}: ${node.failureSummary}`),
    });
    axe.run(document, { rules: { 'target-size': { enabled: true } } }).then(
        results => done({
            violations: results.violations.map(brief),
            checked: [...results.passes, ...results.violations, ...results.incomplete].map(rule => rule.id),
        }),
        error => done({ failure: String(error) }),
    );";

/// What [`RUN`] answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Done {
        violations: Vec<Violation>,
        checked: Vec<String>,
    },
    Failed {
        failure: String,
    },
}

#[derive(Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<String>,
}

/// Fails when axe finds a violation on the current page. `page` names it in the message.
///
/// # Errors
/// When there are violations, or axe does not run.
pub async fn check(fixture: &Fixture, page: &str) -> Result<()> {
    let path = &fixture.environment.axe;
    let script = std::fs::read_to_string(path)
        .with_context(|| format!("no axe-core at {}", path.display()))?;
    fixture
        .browser
        .evaluate(&script, Vec::new())
        .await
        .context("axe-core cannot be loaded")?;
    let outcome = fixture
        .browser
        .client()
        .execute_async(RUN, Vec::new())
        .await?;
    let (violations, checked) = match serde_json::from_value(outcome)? {
        Outcome::Done {
            violations,
            checked,
        } => (violations, checked),
        Outcome::Failed { failure } => bail!("axe-core failed on {page}: {failure}"),
    };
    // Without these it has not seen the page.
    for rule in ["color-contrast", "target-size", "page-has-heading-one"] {
        ensure!(
            checked.iter().any(|id| id == rule),
            "axe-core did not check {rule} on {page}"
        );
    }
    let describe = |Violation { id, help, nodes }: &Violation| {
        format!("{id}: {help}\n  {}", nodes.join("\n  "))
    };
    let described: Vec<String> = violations.iter().map(describe).collect();
    ensure!(
        violations.is_empty(),
        "axe-core finds violations on {page}:\n{}",
        described.join("\n")
    );
    Ok(())
}
