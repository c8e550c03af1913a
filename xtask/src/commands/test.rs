//! `cargo xtask test`: every check and every test there is, from formatting to end to end in a browser.

use anyhow::{Context as _, Result};

use crate::{
    checks::{
        self, cargo_tests, e2e, hosting_trial, static_checks,
        tally::{Count, Tally},
    },
    release::dist,
    support::{cache::Cache, workspace::Workspace},
};

/// What to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Run only this part
    #[arg(long)]
    only: Option<Part>,
    /// Run only the tests whose name contains this, and nothing else
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Formatting, lints, documentation, template and dependencies
    Check,
    /// The tests that run on this machine
    Native,
    /// The tests that run in a browser, of single parts
    Wasm,
    /// The tests of the release in a browser, against the local cloud
    E2e,
    /// `cargo xtask deploy` and `destroy`, on a local cloud
    Deploy,
}

impl Test {
    /// Runs all tests to the end. `false` when one failed.
    ///
    /// # Errors
    /// When there is nothing to test or nowhere to keep tools.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let cache = Cache::open()?;
        let filter = self.filter.as_deref();
        let mut tally = Tally::default();
        if self.includes(Part::Check) {
            static_checks::run(&workspace, &cache, &mut tally).await;
        }
        if self.includes(Part::Native) {
            for (group, packages) in workspace.natively_tested() {
                let name = format!("tests of {group}");
                tally
                    .run(&name, cargo_tests::native(&workspace, &packages, filter))
                    .await;
            }
        }
        if self.includes(Part::Wasm) {
            tally
                .run(
                    "tests in the browser",
                    cargo_tests::wasm(&workspace, &cache, filter),
                )
                .await;
        }
        if self.includes(Part::E2e) {
            end_to_end(&workspace, &cache, filter, &mut tally).await;
        }
        // After those, whose folder it writes into.
        if self.includes(Part::Deploy) {
            tally
                .run(
                    "deploy and destroy",
                    checks::deploy::run(&workspace, &cache),
                )
                .await;
        }
        Ok(tally.finish())
    }

    fn includes(&self, part: Part) -> bool {
        let has_names = !matches!(part, Part::Check | Part::Deploy);
        let filtered_out = self.filter.is_some() && !has_names;
        self.only.map_or(!filtered_out, |only| only == part)
    }
}

/// A release that is too large is still tested.
async fn end_to_end(workspace: &Workspace, cache: &Cache, filter: Option<&str>, tally: &mut Tally) {
    // Not into `dist/`, which is the user's.
    let dist = workspace.target.join("test/dist");
    let mut built = None;
    let release = async {
        built
            .insert(dist::build(workspace, cache, &dist).await?)
            .check_size()?;
        Ok(Count::ONE_PASSED)
    };
    tally.run("release", release).await;
    if filter.is_none() {
        let trial = async {
            let release = built.as_ref().context("the release was not built")?;
            Box::pin(hosting_trial::run(workspace, cache, &release.dist)).await
        };
        tally.run("hosting on the local cloud", trial).await;
    }
    let tests = async {
        let release = built.context("the release was not built")?;
        Box::pin(e2e::run(workspace, cache, &release.dist, filter)).await
    };
    tally.run("tests end to end", tests).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(only: Option<Part>, filter: Option<&str>) -> Vec<Part> {
        let test = Test {
            only,
            filter: filter.map(str::to_owned),
        };
        let parts = [
            Part::Check,
            Part::Native,
            Part::Wasm,
            Part::E2e,
            Part::Deploy,
        ];
        parts
            .into_iter()
            .filter(|part| test.includes(*part))
            .collect()
    }

    #[test]
    fn runs_everything_unless_told_otherwise() {
        assert_eq!(included(None, None).len(), 5);
        assert_eq!(included(Some(Part::Wasm), None), [Part::Wasm]);
    }

    #[test]
    fn a_filter_leaves_the_checks_out() {
        assert_eq!(
            included(None, Some("pkce")),
            [Part::Native, Part::Wasm, Part::E2e]
        );
    }
}
