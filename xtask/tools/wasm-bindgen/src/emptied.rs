//! Empties functions that the page never calls, before the module is split: what only they reach is then part of no file,
//! and the script gets no functions for it. Some are exported; the others are those of `panics.rs`.
//!
//! wasm-streams, which Leptos depends on, exports classes for streams of the browser that Rust feeds. wasm-bindgen and the
//! linker keep exported functions, with all that they reach: closures, texts, and a tenth of what JavaScript is asked for.
//! The exports stay, because wasm-bindgen expects them; the bundler drops them (`release/exports.rs`).

use std::ops::Range;

use anyhow::{Context as _, Result};
use wasmparser::{ExternalKind, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::panics::{self, Instead};

/// What the names of those functions begin with; behind it is the name of a method.
const CLASSES: [&str; 3] = [
    "intounderlyingsource_",
    "intounderlyingbytesource_",
    "intounderlyingsink_",
];

/// A section that says where the code refers to functions and data. Its positions are those of the section with the code.
const RELOCATIONS: &str = "reloc.CODE";

/// `module`, linked with `--emit-relocs`, without the code of those functions.
///
/// # Errors
/// When `module` is not WebAssembly.
pub(crate) fn empty(module: &[u8]) -> Result<Vec<u8>> {
    let unused = unused_bodies(module)?;
    let mut emptied = module.to_vec();
    for (body, instead) in &unused {
        let code = emptied.get_mut(body.clone()).context("a body outside")?;
        // No local variables, and as many `nop` as were instructions, so that nothing else moves.
        code.fill(0x01);
        match (code, instead) {
            // `unreachable`, `end`.
            ([locals, first, .., last], Instead::Trap) => {
                (*locals, *first, *last) = (0x00, 0x00, 0x0b);
            }
            // `i32.const 0`, `end`.
            ([locals, .., constant, zero, last], Instead::Zero) => {
                (*locals, *constant, *zero, *last) = (0x00, 0x41, 0x00, 0x0b);
            }
            _ => {}
        }
    }
    let bodies: Vec<_> = unused.into_iter().map(|(body, _)| body).collect();
    without_relocations(&emptied, &bodies)
}

fn is_unused(export: &str) -> bool {
    let method = export.strip_prefix("__wbg_").unwrap_or(export);
    CLASSES.iter().any(|class| method.starts_with(class))
}

/// Where the bodies of those functions are, and what replaces them.
fn unused_bodies(module: &[u8]) -> Result<Vec<(Range<usize>, Instead)>> {
    let (mut imported, mut unused, mut bodies) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("not a WebAssembly module")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func && is_unused(export.name) {
                        unused.push((export.index, Instead::Trap));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(in_memory(&body.range())?),
            Payload::CustomSection(custom) => {
                let KnownCustom::Name(names) = custom.as_known() else {
                    continue;
                };
                for names in names {
                    // Subsections of tools that this crate does not know are errors.
                    if let Ok(Name::Function(names)) = names {
                        for naming in names {
                            let naming = naming?;
                            let instead = panics::instead(naming.name);
                            unused.extend(instead.map(|instead| (naming.index, instead)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let body = |index: u32| {
        let index = usize::try_from(index.checked_sub(imported)?).ok()?;
        bodies.get(index).cloned()
    };
    let unused = unused
        .into_iter()
        .filter_map(|(index, instead)| Some((body(index)?, instead)));
    // The longer of the two replacements needs as many bytes.
    Ok(unused.filter(|(body, _)| body.len() >= 4).collect())
}

/// `module` without the relocations in `bodies`: there is nothing left to relocate.
fn without_relocations(module: &[u8], bodies: &[Range<usize>]) -> Result<Vec<u8>> {
    let (mut code, mut section) = (0, None);
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("not a WebAssembly module")? {
            Payload::CodeSectionStart { range, .. } => code = in_memory(&range)?.start,
            Payload::CustomSection(custom) if custom.name() == RELOCATIONS => {
                if let KnownCustom::Reloc(relocations) = custom.as_known() {
                    section = Some((in_memory(&custom.range())?, relocations));
                }
            }
            _ => {}
        }
    }
    let Some((range, relocations)) = section else {
        return Ok(module.to_vec());
    };
    let (mut kept, mut count) = (Vec::new(), 0);
    let mut entries = relocations.entries().into_iter_with_offsets().peekable();
    while let Some(entry) = entries.next() {
        let (start, entry) = entry?;
        let end = match entries.peek() {
            Some(Ok((next, _))) => position(*next)?,
            _ => range.end,
        };
        let place = code + usize::try_from(entry.offset)?;
        if !bodies.iter().any(|body| body.contains(&place)) {
            count += 1;
            kept.extend_from_slice(
                module
                    .get(position(start)?..end)
                    .context("an entry outside")?,
            );
        }
    }
    let mut content = number(u32::try_from(RELOCATIONS.len())?);
    content.extend_from_slice(RELOCATIONS.as_bytes());
    content.extend(number(relocations.section_index()));
    content.extend(number(count));
    content.extend(kept);
    let length = number(u32::try_from(content.len())?);
    // In front of a section are its kind, a zero, and its length.
    let start = range.start - 1 - number(u32::try_from(range.len())?).len();
    let (before, after) = (module.get(..start), module.get(range.end..));
    let (before, after) = (before.context("no section")?, after.context("no section")?);
    Ok([before, &[0], &length, &content, after].concat())
}

fn in_memory(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(position(range.start)?..position(range.end)?)
}

fn position(offset: u64) -> Result<usize> {
    usize::try_from(offset).context("a module that is too large")
}

/// An unsigned number as WebAssembly writes it (LEB128).
fn number(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = number(content.len().try_into().unwrap());
        [&[kind], &length[..], content].concat()
    }

    /// [`module`], in which the second function has this name.
    fn module_with(name: &str) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        let names = section(1, &[&[1, 1, length], name.as_bytes()].concat());
        [
            module("main"),
            section(0, &[&[4], &b"name"[..], &names].concat()),
        ]
        .concat()
    }

    /// Two functions, each of which calls the other; the first is exported as `name`. Both calls are relocated.
    fn module(name: &str) -> Vec<u8> {
        let export = [
            &[1, name.len().try_into().unwrap()],
            name.as_bytes(),
            &[0, 0],
        ]
        .concat();
        // A body: no locals, `call` with five bytes for the index, `end`.
        let body = |callee: u8| [8, 0, 0x10, callee | 0x80, 0x80, 0x80, 0x80, 0, 0x0b];
        let code = [&[2][..], &body(1), &body(0)].concat();
        let name = [&[10][..], RELOCATIONS.as_bytes()].concat();
        // Two entries of the kind 0, a function's index: where, and which symbol.
        let relocations = [&name[..], &[3, 2], &[0, 4, 1], &[0, 13, 0]].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[2, 0, 0]),
            section(7, &export),
            section(10, &code),
            section(0, &relocations),
        ]
        .concat()
    }

    fn relocated(module: &[u8]) -> Vec<u32> {
        let mut places = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::CustomSection(custom) = payload.unwrap()
                && let KnownCustom::Reloc(relocations) = custom.as_known()
            {
                places.extend(
                    relocations
                        .entries()
                        .into_iter()
                        .map(|entry| entry.unwrap().offset),
                );
            }
        }
        places
    }

    #[test]
    fn a_method_of_a_stream_loses_its_code_and_its_relocations() {
        for name in [
            "intounderlyingsource_pull_0a",
            "__wbg_intounderlyingsink_free",
        ] {
            let module = module(name);
            let emptied = empty(&module).unwrap();
            assert_eq!(emptied.len(), module.len() - 3, "{name}");
            assert_eq!(relocated(&module), [4, 13]);
            assert_eq!(relocated(&emptied), [13], "{name}");
            let nops = [8, 0, 0x00, 1, 1, 1, 1, 1, 0x0b];
            assert!(
                emptied.windows(nops.len()).any(|window| window == nops),
                "{name}"
            );
        }
    }

    #[test]
    fn a_function_that_only_panics_call_is_a_trap_or_returns_zero() {
        let panics = "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt";
        let prints = "_ZN58_$LT$wasm_bindgen..JsValue$u20$as$u20$core..fmt..Debug$GT$3fmt17hfa47c97d7e00d7fdE";
        for (name, code) in [
            (panics, [8, 0, 0x00, 1, 1, 1, 1, 1, 0x0b]),
            (prints, [8, 0, 1, 1, 1, 1, 0x41, 0x00, 0x0b]),
        ] {
            let emptied = empty(&module_with(name)).unwrap();
            assert_eq!(relocated(&emptied), [4], "{name}");
            let mut windows = emptied.windows(code.len());
            assert!(windows.any(|window| window == code), "{name}");
        }
        let kept = module_with("_RNvNtCsgXGp5Oqx2Ny_4core3fmt5write");
        assert_eq!(empty(&kept).unwrap(), kept);
    }

    #[test]
    fn any_other_export_stays_as_it_is() {
        for name in ["main", "__wbindgen_describe_intounderlyingsource_pull"] {
            assert_eq!(empty(&module(name)).unwrap(), module(name), "{name}");
        }
        assert!(empty(b"no module").is_err());
    }
}
