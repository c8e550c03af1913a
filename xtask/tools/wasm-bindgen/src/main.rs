//! `wasm-bindgen` with the options that Trunk gives it. It is no command line for people: `wasm-bindgen-cli` is.
//!
//! A module that declares parts (`velvet_rope::later`) is split first: Trunk has no place for a step before wasm-bindgen.

mod emptied;
mod panics;

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

/// The folder for the parts of the app, below the one for the output. Trunk copies `snippets` as it is.
const PARTS: &str = "snippets/parts";

/// The module from which the linker expects the functions of the parts of the app.
const PLACEHOLDER: &[u8] = b"__wasm_split_placeholder__";

/// What Trunk asks for.
struct Request {
    bindgen: Bindgen,
    input: PathBuf,
    output: PathBuf,
    /// The name of the files, without their endings.
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
            let main = self.split(&emptied::empty(&module)?)?;
            self.bindgen.input_path::<&Path>(&main);
            // The parts share memory, table and stack pointer with the main module.
            self.bindgen.keep_lld_exports(true);
        } else {
            self.bindgen.input_path::<&Path>(&self.input);
        }
        self.bindgen.generate(&self.output)?;
        if has_parts {
            shorten_imports(&self.output, &self.name)?;
        }
        Ok(())
    }

    /// Splits the parts off, and returns the file of the main module.
    fn split(&self, module: &[u8]) -> Result<PathBuf> {
        let folder = self.output.join(PARTS);
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        let main = self.input.with_extension("main.wasm");
        let mut options = Options::new(module);
        options.output_dir = &folder;
        options.main_out_path = &main;
        match wasm_split_cli_support::transform(options) {
            Ok(_) => Ok(main),
            Err(error) => bail!("could not split the module: {error}"),
        }
    }
}

/// Gives the functions that the module imports short names. Each has the hash of its source in its name, which no
/// compression makes shorter: in module and script together, five kilobytes of the first load.
fn shorten_imports(folder: &Path, name: &str) -> Result<()> {
    let file = folder.join([name, "_bg.wasm"].concat());
    let mut module = walrus::ModuleConfig::new()
        .generate_producers_section(false)
        .parse_file(&file)
        .with_context(|| format!("could not read {}", file.display()))?;
    let mut names = HashMap::new();
    for import in module.imports.iter_mut() {
        if has_hash(&import.name) {
            let short = format!("i{}", names.len());
            names.insert(std::mem::replace(&mut import.name, short.clone()), short);
        }
    }
    module
        .emit_wasm_file(&file)
        .with_context(|| format!("could not write {}", file.display()))?;
    let file = folder.join([name, ".js"].concat());
    let script =
        fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    fs::write(&file, with_names(&script, &names))
        .with_context(|| format!("could not write {}", file.display()))
}

/// Whether a name ends with an underscore and sixteen hexadecimal digits, as wasm-bindgen writes them.
fn has_hash(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The script with other words in place of some.
fn with_names(script: &str, names: &HashMap<String, String>) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    let mut text = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let end = rest
            .find(|character| !is_part(character))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        text.push_str(names.get(word).map_or(word, String::as_str));
        let start = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at(start);
        text.push_str(between);
        rest = after;
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_shortened_wherever_they_are_a_word() {
        assert!(has_hash("__wbg_get_0123456789abcdef"));
        for name in [
            "__wbindgen_throw",
            "a_0123456789abcde",
            "0123456789abcdef",
            "a_0123456789abcdeg",
        ] {
            assert!(!has_hash(name), "{name}");
        }
        let names = HashMap::from([("a_b".to_owned(), "i0".to_owned())]);
        assert_eq!(
            with_names("{a_b:f(a_bc),$a_b:a_b}", &names),
            "{i0:f(a_bc),$a_b:i0}"
        );
        assert_eq!(with_names("", &names), "");
    }
}
