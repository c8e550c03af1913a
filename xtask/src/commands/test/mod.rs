//! `cargo xtask test`: every check and every test there is, from formatting to end to end in a browser.

mod part;
mod run;

use std::{convert::Infallible, path::PathBuf, str::FromStr};

use anyhow::{Result, bail};
use clap::ValueEnum as _;

#[cfg(any(test, not(feature = "aws")))]
use self::part::ALL;
use self::{part::Part, run::Run};
#[cfg(not(feature = "aws"))]
use super::with_aws;
use crate::{
    checks::tally::Tally,
    support::{cache::Cache, own_program, tools::engine::Engine, workspace::Workspace},
};

/// What to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Run only this part, or only the tests whose name contains this; may be repeated
    ///
    /// Parts: check, tooling, native, examples, wasm, release, hosting, e2e, deploy.
    #[arg(long, value_name = "PART|NAME")]
    only: Vec<Only>,
    /// Run only the tests whose name contains this, and nothing else
    filter: Option<String>,
    /// Run the end-to-end tests in this browser; may be repeated
    ///
    /// The tests are complete in Chromium only. Other browsers run those that they can, and name the rest.
    #[arg(long, value_name = "BROWSER", default_value = "chromium")]
    browser: Vec<Browsers>,
    /// Start the environment of the end-to-end tests for another test runner, and wait
    #[arg(long, conflicts_with_all = ["only", "filter"])]
    serve: bool,
    /// Write the results to this file
    #[arg(long, hide = true)]
    results: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Only {
    Part(Part),
    Name(String),
}

impl FromStr for Only {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Part::from_str(text, true).map_or_else(|_| Self::Name(text.to_owned()), Self::Part))
    }
}

/// What `--browser` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Browsers {
    Chromium,
    Firefox,
    Webkit,
    /// All three, one after the other
    All,
}

impl Browsers {
    fn includes(self, engine: Engine) -> bool {
        match self {
            Self::Chromium => engine == Engine::Chromium,
            Self::Firefox => engine == Engine::Firefox,
            Self::Webkit => engine == Engine::Webkit,
            Self::All => true,
        }
    }
}

impl Test {
    /// Runs the tests, all to the end, and returns whether all passed.
    ///
    /// # Errors
    /// When there is nothing to test, or no folder for tools.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let cache = Cache::open()?;
        let program = own_program::copy(&workspace)?;
        let filter = self.filter()?;
        let engines = self.engines();
        let run = Run {
            workspace: &workspace,
            cache: &cache,
            program: &program,
            filter: filter.as_deref(),
            engines: &engines,
        };
        if self.is_complete(filter.as_deref()) {
            let tally = Box::pin(run.side_by_side()).await?;
            return Ok(tally.finish());
        }
        #[cfg(not(feature = "aws"))]
        if self.needs_aws() {
            match with_aws::test(&workspace).await? {}
        }
        #[cfg(feature = "aws")]
        if self.serve {
            return Box::pin(run.serve()).await;
        }
        let mut tally = Tally::default();
        run.parts(&mut tally, |part| self.includes(part)).await;
        match &self.results {
            Some(file) => {
                tally.save(file)?;
                Ok(!tally.has_failures())
            }
            None => Ok(tally.finish()),
        }
    }

    /// Whether it is all of the tests that are to be run.
    fn is_complete(&self, filter: Option<&str>) -> bool {
        self.only.is_empty() && filter.is_none() && !self.serve
    }

    /// Whether this program needs the feature `aws` for it.
    #[cfg(not(feature = "aws"))]
    fn needs_aws(&self) -> bool {
        let mut parts = ALL.into_iter().filter(|part| self.includes(*part));
        self.serve || parts.any(Part::needs_aws)
    }

    /// The browsers of the end-to-end tests, each once.
    fn engines(&self) -> Vec<Engine> {
        let is_named = |engine: &Engine| self.browser.iter().any(|named| named.includes(*engine));
        Engine::ALL.into_iter().filter(is_named).collect()
    }

    /// What the name of a test is to contain.
    fn filter(&self) -> Result<Option<String>> {
        let names = self.only.iter().filter_map(|only| match only {
            Only::Name(name) => Some(name),
            Only::Part(_) => None,
        });
        let mut names = names.chain(&self.filter);
        let name = names.next().cloned();
        if let Some(other) = names.next() {
            bail!("one name at a time, please: besides the first there is `{other}`");
        }
        Ok(name)
    }

    fn includes(&self, part: Part) -> bool {
        let mut parts = self.only.iter().filter_map(|only| match only {
            Only::Part(part) => Some(*part),
            Only::Name(_) => None,
        });
        let mut parts = parts.by_ref().peekable();
        if parts.peek().is_some() {
            return parts.any(|only| only == part);
        }
        // Only these have tests with names; the end-to-end tests build the release themselves.
        matches!(part, Part::Native | Part::Examples | Part::Wasm | Part::E2e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(only: &[&str], filter: Option<&str>) -> Test {
        let Ok(only) = only.iter().map(|text| text.parse()).collect();
        Test {
            only,
            filter: filter.map(str::to_owned),
            browser: vec![Browsers::Chromium],
            serve: false,
            results: None,
        }
    }

    fn included(only: &[&str], filter: Option<&str>) -> Vec<Part> {
        let test = test(only, filter);
        ALL.into_iter()
            .filter(|part| test.includes(*part))
            .collect()
    }

    #[test]
    fn a_part_is_run_alone_and_several_together() {
        for part in ALL {
            let name = part.name();
            assert_eq!(included(&[&name], None), [part]);
        }
        let both = included(&["release", "deploy"], None);
        assert_eq!(both, [Part::Release, Part::Deploy]);
    }

    #[test]
    fn a_name_leaves_out_what_has_no_tests_with_names() {
        let with_names = [Part::Native, Part::Examples, Part::Wasm, Part::E2e];
        assert_eq!(included(&[], Some("pkce")), with_names);
        assert_eq!(included(&["pkce"], None), with_names);
        assert_eq!(included(&["e2e"], Some("pkce")), [Part::E2e]);
    }

    #[test]
    fn each_browser_is_used_once_however_often_it_is_named() {
        let engines = |browser: &[Browsers]| {
            let mut test = test(&[], None);
            test.browser = browser.to_vec();
            test.engines()
        };
        assert_eq!(engines(&[Browsers::Chromium]), [Engine::Chromium]);
        let both = [Browsers::Webkit, Browsers::Firefox, Browsers::Webkit];
        assert_eq!(engines(&both), [Engine::Firefox, Engine::Webkit]);
        assert_eq!(engines(&[Browsers::Firefox, Browsers::All]), Engine::ALL);
    }

    #[test]
    fn a_name_can_be_given_either_way_but_only_once() {
        assert_eq!(test(&["pkce"], None).filter().unwrap().unwrap(), "pkce");
        assert_eq!(test(&["e2e"], Some("a")).filter().unwrap().unwrap(), "a");
        assert_eq!(test(&["e2e"], None).filter().unwrap(), None);
        assert!(test(&["a", "b"], None).filter().is_err());
    }
}
