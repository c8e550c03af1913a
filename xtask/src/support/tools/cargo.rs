//! Tools that are written in Rust: found on this machine, downloaded as a released program, or built from source.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::{
    Tool,
    download::{self, Archive},
    locked::locked_wasm_bindgen,
    named_version, releases,
};
use crate::support::{
    cache::{self, Cache},
    process,
    report::{self, Step},
    workspace::{Workspace, cargo},
};

/// What builds and serves the application.
#[derive(Debug)]
pub(crate) struct WebTools {
    /// The folder of the program `trunk`.
    pub(crate) trunk: PathBuf,
    /// The folder of the program `wasm-bindgen`.
    pub(crate) wasm_bindgen: PathBuf,
}

/// What the page is built as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// One file: any `wasm-bindgen` of the right version will do.
    Whole,
    /// In parts, which only the tool in `xtask/tools/wasm-bindgen` splits off.
    InParts,
}

/// Finds or installs, side by side, Trunk and the `wasm-bindgen` that belongs to the one in Cargo.lock.
///
/// # Errors
/// When Cargo.lock cannot be read or an installation fails.
pub(crate) async fn web_tools(
    workspace: &Workspace,
    cache: &Cache,
    page: Page,
) -> Result<WebTools> {
    let trunk = trunk();
    let mut wasm_bindgen = of_wasm_bindgen(workspace, "wasm-bindgen", "wasm-bindgen")?;
    let splitting = RustTool {
        fits: |_, _| false,
        features: &["split"],
        ..of_wasm_bindgen(workspace, "wasm-bindgen", "wasm-bindgen-split")?
    };
    // It does what the other does.
    if page == Page::InParts || splitting.tool()?.is_installed(cache) {
        wasm_bindgen = splitting;
    }
    let (trunk, wasm_bindgen) = tokio::try_join!(trunk.ensure(cache), wasm_bindgen.ensure(cache))?;
    Ok(WebTools {
        trunk,
        wasm_bindgen,
    })
}

/// Finds or installs the program that runs tests in a browser, and returns its folder.
///
/// # Errors
/// When Cargo.lock cannot be read or the installation fails.
pub(crate) async fn test_runner(workspace: &Workspace, cache: &Cache) -> Result<PathBuf> {
    let name = "wasm-bindgen-test-runner";
    let runner = RustTool {
        // Its manifest names what is worth more.
        opt_level: 0,
        ..of_wasm_bindgen(workspace, name, name)?
    };
    runner.ensure(cache).await
}

/// The program `name` of wasm-bindgen, at the version that the application has, called `installed_as` in the cache.
fn of_wasm_bindgen(
    workspace: &Workspace,
    name: &'static str,
    installed_as: &'static str,
) -> Result<RustTool> {
    let folder = format!("xtask/tools/{name}");
    Ok(RustTool {
        name,
        installed_as,
        features: &[],
        package: "wasm-bindgen-cli",
        version: locked_wasm_bindgen(workspace, &folder)?,
        // The page and the program that processes it must agree on a format that has no version of its own.
        fits: |found, wanted| found == wanted,
        // Archives are published as well, but the content of this version's was not known when it was pinned.
        archives: &[],
        source: Source::Folder(workspace.file(folder)),
        opt_level: 1,
    })
}

/// The newest Trunk that Rust 1.95 compiles: 0.22 needs Rust 1.96.1.
fn trunk() -> RustTool {
    RustTool {
        name: "trunk",
        installed_as: "trunk",
        features: &[],
        package: "trunk",
        version: "0.21.14".to_owned(),
        fits: is_compatible,
        archives: releases::TRUNK,
        // Without its defaults: it neither looks for updates nor serves or calls HTTPS here.
        source: Source::Registry(&["--no-default-features"]),
        opt_level: 0,
    }
}

/// Finds or installs cargo-deny and returns the folder of its program.
///
/// # Errors
/// When the installation fails.
pub(crate) async fn deny(cache: &Cache) -> Result<PathBuf> {
    let deny = RustTool {
        name: "cargo-deny",
        installed_as: "cargo-deny",
        features: &[],
        package: "cargo-deny",
        version: "0.20.2".to_owned(),
        fits: is_compatible,
        archives: releases::CARGO_DENY,
        source: Source::Registry(&[]),
        opt_level: 0,
    };
    deny.ensure(cache).await
}

/// Finds or installs the WebDriver server of Firefox, and returns the folder of its program.
///
/// # Errors
/// When the installation fails.
pub(crate) async fn geckodriver(cache: &Cache) -> Result<PathBuf> {
    let geckodriver = RustTool {
        name: "geckodriver",
        installed_as: "geckodriver",
        features: &[],
        package: "geckodriver",
        version: "0.37.1".to_owned(),
        fits: is_compatible,
        archives: &[],
        source: Source::Registry(&[]),
        opt_level: 0,
    };
    geckodriver.ensure(cache).await
}

/// A program that is written in Rust.
#[derive(Debug)]
struct RustTool {
    /// The program.
    name: &'static str,
    /// What it is called in the cache and in messages.
    installed_as: &'static str,
    /// Features to build it with.
    features: &'static [&'static str],
    /// The package on crates.io that it is released in.
    package: &'static str,
    version: String,
    /// Whether a program of the first version, found on this machine, serves instead of the second.
    fits: fn(&str, &str) -> bool,
    archives: &'static [Archive],
    source: Source,
    /// How much the compiler optimizes it. The less, the sooner it is there.
    opt_level: u8,
}

/// Where the source of a tool is.
#[derive(Debug)]
enum Source {
    /// On crates.io; built with the lock file inside the package and these arguments.
    Registry(&'static [&'static str]),
    /// In this folder, with its lock file.
    Folder(PathBuf),
}

impl RustTool {
    /// The folder that it is in.
    async fn ensure(&self, cache: &Cache) -> Result<PathBuf> {
        let tool = self.tool()?;
        if !tool.is_installed(cache)
            && let Some(folder) = self.find().await
        {
            return Ok(folder);
        }
        let folder = tool
            .ensure(
                cache,
                async |folder| self.is_in(&folder.join("bin")).await,
                async |folder, step, log| self.install(cache, folder, step, log).await,
            )
            .await?;
        Ok(folder.join("bin"))
    }

    fn tool(&self) -> Result<Tool> {
        Ok(Tool {
            name: self.installed_as.to_owned(),
            version: self.version.clone(),
            recipe: self.recipe()?,
            remark: "",
        })
    }

    /// All that decides what is installed.
    fn recipe(&self) -> Result<String> {
        let source = match &self.source {
            Source::Registry(arguments) => arguments.join(" "),
            Source::Folder(folder) => sources_in(folder)?,
        };
        let mut recipe = format!(
            "{} {} opt-level {} ",
            self.name, self.version, self.opt_level
        );
        if !self.features.is_empty() {
            recipe = recipe + "features " + &self.features.join(",") + " ";
        }
        Ok(recipe + &source)
    }

    /// Looks on `PATH`, and where `cargo install` puts programs.
    async fn find(&self) -> Option<PathBuf> {
        let on_path = process::find_program(self.name);
        let in_cargo_bin = cargo_bin().map(|folder| folder.join(self.name));
        for program in on_path.into_iter().chain(in_cargo_bin) {
            let Some(version) = named_version(&program).await else {
                continue;
            };
            if (self.fits)(&version, &self.version) {
                let (name, shown) = (self.name, program.display());
                report::line(format_args!("==> {name} {version} is used from {shown}"));
                return program.parent().map(Path::to_owned);
            }
        }
        None
    }

    /// Whether the program is in `folder`, in the exact version.
    async fn is_in(&self, folder: &Path) -> bool {
        let version = named_version(&folder.join(self.name)).await;
        version.is_some_and(|version| version == self.version)
    }

    /// The quick ways first; the last one always works.
    async fn install(&self, cache: &Cache, folder: &Path, step: &Step, log: &Path) -> Result<()> {
        let programs = folder.join("bin");
        if let Some(archive) = download::for_this_machine(self.archives) {
            match self.download(archive, &programs).await {
                Ok(()) => return Ok(()),
                Err(error) => report::line(format_args!(
                    "    {}: the release archive cannot be used, other ways follow: {error:#}",
                    self.name
                )),
            }
        }
        // The package of that name on crates.io is another program.
        let is_published = matches!(self.source, Source::Registry(_));
        if let Some(binstall) = find_binstall().filter(|_| is_published) {
            match self.binstall(&binstall, folder, step, log).await {
                Ok(()) => return Ok(()),
                Err(error) => report::line(format_args!(
                    "    {}: cargo-binstall found no program, it is compiled: {error:#}",
                    self.name
                )),
            }
        }
        cache::remove_folder(&programs)?;
        self.compile(cache, folder, step, log).await
    }

    async fn download(&self, archive: &Archive, programs: &Path) -> Result<()> {
        download::unpack(archive, programs).await?;
        self.require(programs).await
    }

    async fn binstall(
        &self,
        binstall: &Path,
        folder: &Path,
        step: &Step,
        log: &Path,
    ) -> Result<()> {
        let mut command = Command::new(binstall);
        command
            .args(["--no-confirm", "--disable-strategies", "compile", "--root"])
            .arg(folder)
            .args(["--version", &self.version, self.package])
            .current_dir(folder);
        process::run_condensed(command, step, log).await?;
        self.require(&folder.join("bin")).await
    }

    async fn require(&self, programs: &Path) -> Result<()> {
        if !self.is_in(programs).await {
            bail!("what was downloaded does not run on this machine");
        }
        Ok(())
    }

    async fn compile(&self, cache: &Cache, folder: &Path, step: &Step, log: &Path) -> Result<()> {
        let build = cache.build_folder(self.installed_as);
        let mut command = cargo();
        command.args(["install", "--locked", "--root"]).arg(folder);
        match &self.source {
            Source::Registry(arguments) => {
                command.args([self.package, "--version", &self.version]);
                command.args(*arguments);
            }
            Source::Folder(source) => {
                command.arg("--path").arg(source);
            }
        }
        command.args(["--features", &self.features.join(",")]);
        command
            .env("CARGO_TARGET_DIR", &build)
            // What is saved at each run of the tool is far less than what building it well takes.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            // An eighth less to compile.
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            .env(
                "CARGO_PROFILE_RELEASE_OPT_LEVEL",
                self.opt_level.to_string(),
            )
            // Outside the checkout, whose Cargo configuration is not meant for it.
            .current_dir(cache.folder());
        process::run_condensed(command, step, log).await?;
        // Hundreds of megabytes that are of no use any more; until here, an aborted build goes on where it stopped.
        cache::remove_folder(&build)
    }
}

/// The lock file and the sources of the tool in `folder`, one after the other.
fn sources_in(folder: &Path) -> Result<String> {
    let sources = folder.join("src");
    let unreadable = || format!("could not list {}", sources.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&sources).with_context(unreadable)? {
        files.push(entry.with_context(unreadable)?.path());
    }
    files.sort_unstable();
    files.insert(0, folder.join("Cargo.lock"));
    let mut all = String::new();
    for file in files {
        all += &std::fs::read_to_string(&file)
            .with_context(|| format!("could not read {}", file.display()))?;
    }
    Ok(all)
}

/// Whether `found` is `wanted`, or a later one that promises to be compatible.
fn is_compatible(found: &str, wanted: &str) -> bool {
    let parsed = |version: &str| {
        let mut numbers = version.split('.').map(str::parse::<u32>);
        let mut next = || numbers.next()?.ok();
        Some((next()?, next()?, next()?))
    };
    let (Some(found), Some(wanted)) = (parsed(found), parsed(wanted)) else {
        return false;
    };
    // Below 1.0 each minor version may break what used the one before.
    let is_same_line = found.0 == wanted.0 && (wanted.0 > 0 || found.1 == wanted.1);
    is_same_line && found >= wanted
}

fn cargo_bin() -> Option<PathBuf> {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let of_user = || Some(std::env::home_dir()?.join(".cargo"));
    Some(cargo_home.or_else(of_user)?.join("bin"))
}

fn find_binstall() -> Option<PathBuf> {
    let in_cargo_bin = || Some(cargo_bin()?.join("cargo-binstall")).filter(|file| file.is_file());
    process::find_program("cargo-binstall").or_else(in_cargo_bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_patch_of_the_same_minor_version_fits() {
        assert!(is_compatible("0.21.14", "0.21.14"));
        assert!(is_compatible("0.21.15", "0.21.14"));
        assert!(!is_compatible("0.21.9", "0.21.14"));
        assert!(!is_compatible("0.22.1", "0.21.14"));
        assert!(is_compatible("1.3.0", "1.2.9"));
        assert!(!is_compatible("0.21.15-beta.1", "0.21.14"));
    }

    #[test]
    fn the_archives_are_those_of_the_pinned_version() {
        let trunk = trunk();
        for archive in trunk.archives {
            assert!(archive.url.contains(&trunk.version), "{}", archive.url);
        }
    }
}
