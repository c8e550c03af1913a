//! The order of the parts, and which of them run side by side.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result};

use super::part::Part;
#[cfg(feature = "aws")]
use crate::checks::{
    self,
    e2e::{self, Action},
    hosting_trial,
};
use crate::{
    checks::{
        background::Background,
        cargo_tests,
        programs::Programs,
        static_checks,
        tally::{Count, Tally},
    },
    release::{dist, examples},
    support::{
        cache::Cache,
        tools::{cargo::test_runner, engine::Engine},
        workspace::Workspace,
    },
};

/// The name of building the release in the summary.
const RELEASE: &str = "release";

/// The name of compiling the tests of this machine in the summary.
const COMPILATION: &str = "compilation of the tests";

/// A run of the tests.
pub(super) struct Run<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) cache: &'a Cache,
    /// A copy of this program.
    pub(super) program: &'a Path,
    /// What the names of the tests are to contain.
    pub(super) filter: Option<&'a str>,
    /// The browsers of the end-to-end tests.
    pub(super) engines: &'a [Engine],
}

impl Run<'_> {
    /// Runs everything: what compiles for this machine here, the release, which uses one core most of the time, and what the compiled
    /// programs do in processes beside it; then, with the whole machine for themselves, the end-to-end tests of the release.
    pub(super) async fn side_by_side(&self) -> Result<Tally> {
        let mut tally = Tally::default();
        let release = [Part::Release, Part::Tooling];
        let (compiled, release) = tokio::join!(
            self.compiled(&mut tally),
            self.beside(self.program, &release)
        );
        tally.append(release?);
        let with_aws = compiled?;
        tally.append(self.end_to_end_of_release(&with_aws, &tally).await?);
        Ok(tally)
    }

    /// Compiles the tests and runs all that needs no release, or waits for it. Returns this program with all its features.
    async fn compiled(&self, tally: &mut Tally) -> Result<PathBuf> {
        let mut with_aws = Err(Error::msg("the tests were not compiled"));
        let build = async {
            let programs = Programs::build(self.workspace).await?;
            with_aws = programs.xtask().map(Path::to_owned);
            Ok(Count::ONE_PASSED)
        };
        tally.run(COMPILATION, build).await;
        let checks = self.parts(tally, |part| {
            matches!(part, Part::Check | Part::Examples | Part::Wasm)
        });
        let on_a_cloud = async {
            match &with_aws {
                Ok(program) => self.beside(program, &[Part::Deploy, Part::Hosting]).await,
                Err(_) => Ok(Tally::default()),
            }
        };
        let ((), native, on_a_cloud) = tokio::join!(
            checks,
            self.beside(self.program, &[Part::Native]),
            on_a_cloud
        );
        tally.append(native?);
        tally.append(on_a_cloud?);
        with_aws
    }

    /// Runs these parts in a process of their own.
    async fn beside(&self, program: &Path, parts: &[Part]) -> Result<Tally> {
        let parts: Vec<_> = parts.iter().map(|part| part.name()).collect();
        let background = Background {
            program,
            parts: &parts,
            arguments: &[],
        };
        background.run(self.workspace).await
    }

    /// Runs the end-to-end tests, if `so_far` there is a release.
    async fn end_to_end_of_release(&self, program: &Path, so_far: &Tally) -> Result<Tally> {
        if !so_far.passed(RELEASE) {
            let mut tally = Tally::default();
            tally.add_failure("tests end to end", "the release was not built".to_owned());
            return Ok(tally);
        }
        let browsers = self.engines.iter();
        let browsers = browsers.map(|engine| format!("--browser={engine}").to_lowercase());
        let background = Background {
            program,
            parts: &[Part::E2e.name()],
            arguments: &browsers.collect::<Vec<_>>(),
        };
        background.run_in_view(self.workspace).await
    }

    /// Runs the parts one after the other.
    pub(super) async fn parts(&self, tally: &mut Tally, includes: impl Fn(Part) -> bool) {
        let Self {
            workspace,
            cache,
            filter,
            ..
        } = *self;
        if includes(Part::Check) {
            static_checks::run(workspace, tally).await;
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
        #[cfg(feature = "aws")]
        if includes(Part::Deploy) {
            let check = checks::deploy::run(workspace, cache, self.program);
            tally.run("deploy and destroy", check).await;
        }
        if includes(Part::Release) || includes(Part::Hosting) || includes(Part::E2e) {
            self.release(tally).await;
        }
        if includes(Part::Tooling) {
            let examples = async {
                examples::build(workspace, cache).await?;
                Ok(Count::ONE_PASSED)
            };
            tally.run("pages of the examples", examples).await;
            // Nothing waits for it then. The tests in the browser install it themselves if this fails, and say why they cannot.
            let _ = test_runner(workspace, cache).await;
            static_checks::tooling(workspace, cache, tally).await;
        }
        #[cfg(feature = "aws")]
        if includes(Part::Hosting) && tally.passed(RELEASE) {
            let trial = async {
                let dist = dist_folder(workspace);
                Box::pin(hosting_trial::run(workspace, cache, &dist)).await
            };
            tally.run("hosting on the local cloud", trial).await;
        }
        #[cfg(feature = "aws")]
        if includes(Part::E2e) {
            self.end_to_end(tally).await;
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
        tally.run(COMPILATION, build).await;
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
}

#[cfg(feature = "aws")]
impl Run<'_> {
    /// Builds the release and starts the environment of the end-to-end tests, until the command is stopped.
    pub(super) async fn serve(&self) -> Result<bool> {
        let [engine] = self.engines else {
            anyhow::bail!("--serve starts the environment of one browser at a time");
        };
        let (workspace, cache) = (self.workspace, self.cache);
        let release = dist::build(workspace, cache, &dist_folder(workspace)).await?;
        let action = Action::Serve;
        let serve = e2e::run(
            workspace,
            cache,
            self.program,
            &release.dist,
            *engine,
            action,
        );
        Box::pin(serve).await?;
        Ok(true)
    }

    async fn end_to_end(&self, tally: &mut Tally) {
        let is_built = tally.passed(RELEASE);
        for engine in self.engines {
            let tests = async {
                if !is_built {
                    anyhow::bail!("the release was not built");
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
