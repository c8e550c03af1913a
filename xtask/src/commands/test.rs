//! `cargo xtask test`: every check and every test there is, from formatting to end to end in a browser.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Result, bail};
use clap::ValueEnum as _;

use crate::{
    checks::{
        self, background, cargo_tests,
        e2e::{self, Action},
        hosting_trial,
        programs::Programs,
        static_checks,
        tally::{Count, Tally},
    },
    release::dist,
    support::{cache::Cache, own_program, tools::engine::Engine, workspace::Workspace},
};

/// The name of building the release in the summary.
const RELEASE: &str = "release";

/// What to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Run only this part, or only the tests whose name contains this; may be repeated
    ///
    /// Parts: check, native, examples, wasm, release, hosting, e2e, deploy.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Formatting, lints, documentation, template and dependencies
    Check,
    /// The tests that run on this machine
    Native,
    /// The examples in the documentation
    Examples,
    /// The tests that run in a browser, of single parts
    Wasm,
    /// The release and its size
    Release,
    /// Publishing the release where it is hosted, on this machine
    Hosting,
    /// The tests of the release in a browser, against the local cloud
    E2e,
    /// `cargo xtask deploy` and `destroy`, on a local cloud
    Deploy,
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

/// The parts that run in a second process beside the others: most of their time they use one core or wait.
const BACKGROUND: [Part; 3] = [Part::Release, Part::Hosting, Part::Deploy];

/// The part that runs in a third process once it is compiled.
const COMPILED: [Part; 1] = [Part::Native];

/// The name of compiling the tests of this machine, for the process that runs them, in the summary.
const COMPILATION: &str = "compilation of the tests";

impl Test {
    /// Runs the tests, all to the end, and returns whether all passed.
    ///
    /// # Errors
    /// When there is nothing to test, or no folder for tools.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let cache = Cache::open()?;
        let program = own_program::copy(&workspace)?;
        let engines = self.engines();
        if self.serve {
            return serve(&workspace, &cache, &program, &engines).await;
        }
        let filter = self.filter()?;
        let run = Run {
            workspace: &workspace,
            cache: &cache,
            program: &program,
            filter: filter.as_deref(),
            engines: &engines,
        };
        let tally = if self.only.is_empty() && filter.is_none() {
            Box::pin(run.side_by_side()).await?
        } else {
            let mut tally = Tally::default();
            run.parts(&mut tally, |part| self.includes(part)).await;
            tally
        };
        if let Some(file) = &self.results {
            tally.save(file)?;
        }
        Ok(tally.finish())
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

/// Builds the release and starts the environment of the end-to-end tests, until the command is stopped.
async fn serve(
    workspace: &Workspace,
    cache: &Cache,
    program: &Path,
    engines: &[Engine],
) -> Result<bool> {
    let [engine] = engines else {
        bail!("--serve starts the environment of one browser at a time");
    };
    let release = dist::build(workspace, cache, &dist_folder(workspace)).await?;
    let action = Action::Serve;
    let serve = e2e::run(workspace, cache, program, &release.dist, *engine, action);
    Box::pin(serve).await?;
    Ok(true)
}

struct Run<'a> {
    workspace: &'a Workspace,
    cache: &'a Cache,
    /// A copy of this program.
    program: &'a Path,
    filter: Option<&'a str>,
    /// The browsers of the end-to-end tests.
    engines: &'a [Engine],
}

impl Run<'_> {
    /// Runs everything: what compiles for this machine here, the rest in processes beside it; then, with the whole machine for
    /// themselves, the end-to-end tests of the release.
    async fn side_by_side(&self) -> Result<Tally> {
        let mut tally = Tally::default();
        let foreground = async {
            tally.run(COMPILATION, self.build()).await;
            let checks = self.parts(&mut tally, |part| {
                matches!(part, Part::Check | Part::Examples | Part::Wasm)
            });
            let ((), native) = tokio::join!(checks, self.beside(&COMPILED));
            native
        };
        let (native, background) = tokio::join!(foreground, self.beside(&BACKGROUND));
        tally.append(native?);
        tally.append(background?);
        self.end_to_end(&mut tally).await;
        Ok(tally)
    }

    /// Compiles the tests of this machine.
    async fn build(&self) -> Result<Count> {
        Programs::build(self.workspace).await?;
        Ok(Count::ONE_PASSED)
    }

    /// Runs these parts in a process of their own.
    async fn beside(&self, parts: &[Part]) -> Result<Tally> {
        let names: Vec<_> = parts
            .iter()
            .map(|part| format!("{part:?}").to_lowercase())
            .collect();
        background::run(self.workspace, self.program, &names).await
    }

    async fn parts(&self, tally: &mut Tally, includes: impl Fn(Part) -> bool) {
        let Self {
            workspace,
            cache,
            program,
            filter,
            ..
        } = *self;
        if includes(Part::Check) {
            static_checks::run(workspace, cache, tally).await;
        }
        if includes(Part::Native) {
            self.native(tally).await;
        }
        if includes(Part::Examples) {
            let examples = cargo_tests::documentation(workspace, filter);
            tally.run("examples in the documentation", examples).await;
        }
        if includes(Part::Wasm) {
            let tests = cargo_tests::wasm(workspace, cache, filter);
            tally.run("tests in the browser", tests).await;
        }
        if includes(Part::Release) || includes(Part::Hosting) || includes(Part::E2e) {
            self.release(tally).await;
        }
        if includes(Part::Hosting) && tally.passed(RELEASE) {
            let trial = async {
                let dist = dist_folder(workspace);
                Box::pin(hosting_trial::run(workspace, cache, &dist)).await
            };
            tally.run("hosting on the local cloud", trial).await;
        }
        if includes(Part::E2e) {
            self.end_to_end(tally).await;
        }
        if includes(Part::Deploy) {
            let check = checks::deploy::run(workspace, cache, program);
            tally.run("deploy and destroy", check).await;
        }
    }

    async fn native(&self, tally: &mut Tally) {
        let Self {
            workspace, filter, ..
        } = *self;
        let mut programs = None;
        let build = async {
            programs = Some(Programs::build(workspace).await?);
            Ok(Count::ONE_PASSED)
        };
        tally.run("build of the tests", build).await;
        if let Some(programs) = programs {
            for (group, packages) in workspace.natively_tested() {
                let name = format!("tests of {group}");
                let tests = programs.run(workspace, &packages, filter);
                tally.run(&name, tests).await;
            }
        }
    }

    /// A release that is too large is still tested.
    async fn release(&self, tally: &mut Tally) {
        let mut release = None;
        let build = async {
            let folder = dist_folder(self.workspace);
            release = Some(dist::build(self.workspace, self.cache, &folder).await?);
            Ok(Count::ONE_PASSED)
        };
        tally.run(RELEASE, build).await;
        if let Some(release) = release {
            let size = async {
                release.check_size()?;
                Ok(Count::ONE_PASSED)
            };
            tally.run("size of the release", size).await;
        }
    }

    async fn end_to_end(&self, tally: &mut Tally) {
        let is_built = tally.passed(RELEASE);
        for engine in self.engines {
            let tests = async {
                if !is_built {
                    bail!("the release was not built");
                }
                let dist = dist_folder(self.workspace);
                let action = Action::Run(self.filter);
                let run = e2e::run(
                    self.workspace,
                    self.cache,
                    self.program,
                    &dist,
                    *engine,
                    action,
                );
                Box::pin(run).await
            };
            let name = format!("tests end to end, in {engine}");
            tally.run(&name, tests).await;
        }
    }
}

/// Not `dist/`, which is the user's.
fn dist_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("test/dist")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Part; 8] = [
        Part::Check,
        Part::Native,
        Part::Examples,
        Part::Wasm,
        Part::Release,
        Part::Hosting,
        Part::E2e,
        Part::Deploy,
    ];

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
            let name = format!("{part:?}").to_lowercase();
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
