//! Splits the parts of an app off its module.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use wasm_split_cli_support::Options;

/// The folder for the parts of the app, below the one for the output. Trunk copies `snippets` as it is.
const PARTS: &str = "snippets/parts";

/// Splits the parts of `module` off, into a folder below `output`, and writes what is left to `main`.
///
/// # Errors
/// When the module cannot be split, or a file cannot be written.
pub(crate) fn split(module: &[u8], main: &Path, output: &Path) -> Result<()> {
    let folder = output.join(PARTS);
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    let mut options = Options::new(module);
    options.output_dir = &folder;
    options.main_out_path = main;
    match wasm_split_cli_support::transform(options) {
        Ok(_) => Ok(()),
        Err(error) => bail!("could not split the module: {error}"),
    }
}

/// Gives the functions that the module imports short names. Each has the hash of its source in its name, which no
/// compression makes shorter: in module and script together, five kilobytes of the first load.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn shorten_imports(folder: &Path, name: &str) -> Result<()> {
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
