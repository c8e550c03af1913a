//! `wasm-bindgen` with the options that Trunk gives it. It is no command line for people: `wasm-bindgen-cli` is.
//!
//! A module that declares parts (`velvet_rope::later`) is split first: Trunk has no place for a step before wasm-bindgen.

#[cfg(feature = "split")]
mod emptied;
#[cfg(feature = "split")]
mod panics;
#[cfg(feature = "split")]
mod split;

use std::{
    ffi::OsString,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};
use wasm_bindgen_cli_support::Bindgen;

/// The module from which the linker expects the functions of the parts of the app.
const PLACEHOLDER: &[u8] = b"__wasm_split_placeholder__";

/// What Trunk asks for.
struct Request {
    bindgen: Bindgen,
    input: PathBuf,
    output: PathBuf,
    /// The name of the files, without their endings.
    #[cfg_attr(
        not(feature = "split"),
        expect(dead_code, reason = "the parts have it in their names")
    )]
    name: String,
}

impl Request {
    fn run(mut self) -> Result<()> {
        let module = fs::read(&self.input)
            .with_context(|| format!("could not read {}", self.input.display()))?;
        let has_parts = module
            .windows(PLACEHOLDER.len())
            .any(|window| window == PLACEHOLDER);
        if has_parts {
            return self.run_in_parts(&module);
        }
        self.bindgen.input_path::<&Path>(&self.input);
        self.bindgen.generate(&self.output)
    }

    #[cfg(feature = "split")]
    fn run_in_parts(mut self, module: &[u8]) -> Result<()> {
        let main = self.input.with_extension("main.wasm");
        split::split(&emptied::empty(module)?, &main, &self.output)?;
        self.bindgen.input_path::<&Path>(&main);
        // The parts share memory, table and stack pointer with the main module.
        self.bindgen.keep_lld_exports(true);
        self.bindgen.generate(&self.output)?;
        split::shorten_imports(&self.output, &self.name)
    }

    #[cfg(not(feature = "split"))]
    fn run_in_parts(self, _: &[u8]) -> Result<()> {
        bail!(
            "{} is an app in parts, and this wasm-bindgen was built without the feature `split`",
            self.input.display()
        )
    }
}

fn main() -> ExitCode {
    let answer = match parse(std::env::args_os().skip(1)) {
        Ok(Some(request)) => request.run(),
        Ok(None) => writeln!(
            std::io::stdout(),
            "wasm-bindgen {}",
            env!("CARGO_PKG_VERSION")
        )
        .context("could not write the version"),
        Err(error) => Err(error),
    };
    if let Err(error) = answer {
        // Nothing is left to do when standard error is closed.
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `None` when only the version is asked for.
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<Request>> {
    let mut parser = Parser::from_args(arguments);
    let mut bindgen = Bindgen::new();
    // The command writes the name of the module into the script, the library does not.
    bindgen.omit_default_module_path(false);
    let (mut input, mut output, mut name) = (None, None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("version") => return Ok(None),
            Arg::Long("target") => set_target(&mut bindgen, &parser.value()?.string()?)?,
            Arg::Long("out-dir") => output = Some(PathBuf::from(parser.value()?)),
            Arg::Long("out-name") => {
                let given = parser.value()?.string()?;
                bindgen.out_name(&given);
                name = Some(given);
            }
            Arg::Long("keep-debug") => {
                bindgen.keep_debug(true);
            }
            Arg::Long("no-demangle") => {
                bindgen.demangle(false);
            }
            Arg::Long("no-typescript") => {
                bindgen.typescript(false);
            }
            // The library sees in the module itself whether it may use them.
            Arg::Long("reference-types" | "weak-refs") => {}
            Arg::Value(file) if input.is_none() => input = Some(PathBuf::from(file)),
            other => return Err(other.unexpected().into()),
        }
    }
    let input = input.context("no module is named")?;
    let output = output.context("--out-dir is missing")?;
    let name = name.context("--out-name is missing")?;
    Ok(Some(Request {
        bindgen,
        input,
        output,
        name,
    }))
}

fn set_target(bindgen: &mut Bindgen, target: &str) -> Result<()> {
    match target {
        "web" => bindgen.web(true)?,
        "no-modules" => bindgen.no_modules(true)?,
        "bundler" => bindgen.bundler(true)?,
        _ => bail!("the target {target} is none of web, no-modules, bundler"),
    };
    Ok(())
}
