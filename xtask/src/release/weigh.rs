//! How many bytes of a module each crate, and each module of this project, has. The names are those of a build that is not
//! optimized after linking, because `wasm-opt` removes them; the sums are therefore somewhat larger than those of a release.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The bytes of code by owner, and those of data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Weights {
    /// Bytes of code by owner: `tachys`, or `velvet_rope::session`.
    pub(crate) code: BTreeMap<String, u64>,
    /// Bytes of data: texts and tables.
    pub(crate) data: u64,
}

/// Weighs a module that still has the names of its functions.
///
/// # Errors
/// When `module` is not WebAssembly.
pub(crate) fn weigh(module: &[u8]) -> Result<Weights> {
    let (mut imported, mut sizes, mut names) = (0_u32, Vec::new(), BTreeMap::new());
    let mut weights = Weights::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("not a WebAssembly module")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(length(&body.range())),
            Payload::DataSection(section) => weights.data = length(&section.range()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for name in section {
                        // Subsections of tools that this crate does not know.
                        let Ok(Name::Function(functions)) = name else {
                            continue;
                        };
                        for naming in functions {
                            let naming = naming?;
                            names.insert(naming.index, naming.name.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, size) in (imported..).zip(sizes) {
        let owner = names.get(&index).map_or("?", String::as_str);
        *weights.code.entry(owner_of(owner)).or_default() += size;
    }
    Ok(weights)
}

fn length(range: &std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

/// The crate of a function, and of this project's functions the module too. Of `<A as B>::c` that is `A`'s, unless `A` is
/// a type parameter or a type of the language; then it is `B`'s.
fn owner_of(name: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_:".contains(character);
    let paths = name
        .split(|character| !is_part(character))
        .filter(|path| path.contains("::") && !path.starts_with(':'));
    let paths: Vec<Vec<&str>> = paths
        .map(|path| path.split("::").filter(|part| !part.is_empty()).collect())
        .collect();
    let ours = paths.iter().find(|path| path[0].starts_with("velvet_rope"));
    let path = ours.or(paths.first());
    match path.map(Vec::as_slice) {
        Some([krate, module, ..]) if krate.starts_with("velvet_rope") => {
            [krate, "::", module].concat()
        }
        Some([krate, ..]) => (*krate).to_owned(),
        Some([]) | None => name.to_owned(),
    }
}

/// The heaviest owners as a table, and the rest in one line.
pub(crate) fn table(weights: &Weights, rows: usize) -> String {
    let mut sorted: Vec<_> = weights.code.iter().collect();
    sorted.sort_by_key(|(owner, size)| (std::cmp::Reverse(**size), owner.as_str()));
    let (shown, rest) = sorted.split_at(rows.min(sorted.len()));
    let rest: u64 = rest.iter().map(|(_, size)| **size).sum();
    let total: u64 = weights.code.values().sum();
    let mut lines: Vec<_> = shown
        .iter()
        .map(|(owner, size)| format!("    {size:>9}  {owner}"))
        .collect();
    lines.push(format!("    {rest:>9}  all others"));
    lines.push(format!("    {total:>9}  code"));
    lines.push(format!("    {:>9}  data", weights.data));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_crate_of_its_type_and_to_this_project_where_it_is_named() {
        for (name, owner) in [
            (
                "velvet_rope::session::tick::Ticker::tick",
                "velvet_rope::session",
            ),
            (
                "<tachys::view::any_view::AnyView as tachys::view::Render>::build",
                "tachys",
            ),
            (
                "core::ptr::drop_in_place<velvet_rope::config::Config>",
                "velvet_rope::config",
            ),
            ("<T as reactive_graph::traits::Get>::get", "reactive_graph"),
            ("__wbindgen_malloc", "__wbindgen_malloc"),
        ] {
            assert_eq!(owner_of(name), owner);
        }
    }

    /// A module of one function, named `a::b`, whose body has two bytes, and of no data.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b\0\x0e\x04name\x01\x07\x01\0\x04a::b";

    #[test]
    fn the_bytes_of_a_body_belong_to_the_crate_that_its_name_begins_with() {
        let weights = weigh(MODULE).unwrap();
        assert_eq!(weights.code, BTreeMap::from([("a".to_owned(), 2)]));
        assert_eq!(weights.data, 0);
        assert!(weigh(b"no module").is_err());
    }

    #[test]
    fn the_table_sums_what_it_does_not_show() {
        let code = [("a", 5), ("b", 7), ("c", 1)].map(|(owner, size)| (owner.to_owned(), size));
        let weights = Weights {
            code: code.into(),
            data: 3,
        };
        let table = table(&weights, 1);
        let words: Vec<Vec<_>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            words,
            [
                vec!["7", "b"],
                vec!["6", "all", "others"],
                vec!["13", "code"],
                vec!["3", "data"]
            ]
        );
    }
}
